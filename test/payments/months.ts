/**
 * Months of payments whose meaning is known, made without a thought for how they are matched: `node test/harness/run-ts.cjs test/payments/months.ts` prints what becomes of them, by kind.
 */
import { decide, type Evidence, lookupTerms, type Receivable, suggest } from '../../entities/payments/matching';

/** A transfer, and what its payer means by it. */
export interface Meant {
  kind: string;
  amountMinor: bigint;
  evidence: Evidence;
  payerName: string;
  account: string;
  customerId: string;
  /** Invoice id → how much of it is paid. */
  truth: Map<string, bigint>;
}

type Open = Receivable & { customerName: string };

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const KINDS: [kind: string, share: number][] = [
  ['creditor reference', 20], ['number in text', 20], ['several numbers', 10], ['merged numbers', 5], ['misspelt number', 10], ['misspelt and short', 2], ['short, named', 7], ['over, named', 3],
  ['no word, one invoice', 10], ['no word, all open', 4], ['no word, some open', 4], ['no word, short', 2], ['another bank, named', 3],
];

const WORDS = ['Thank you', 'Payment', 'Rechnung', 'invoice', 'Kd.-Nr. 4711', 'settlement 11/2026', 'as agreed'];

/** What is open, and the next transfer of somebody who has something open. */
export class Month {
  readonly open = new Map<string, Open>();
  private readonly random: () => number;
  private numbers = 0;

  constructor(seed: number, private readonly customers = 40) {
    this.random = randomOf(seed);
    for (let n = 0; n < customers * 4; n++) this.issue();
  }

  /** Somebody is billed; amounts repeat, as prices do. */
  issue(): void {
    const customer = this.upTo(this.customers);
    const number = `INV-DE01-2026-${String(++this.numbers).padStart(6, '0')}`;
    const openMinor = this.random() < 0.3 ? BigInt(1 + this.upTo(6)) * 11_900n : BigInt(100 + this.upTo(900_000));
    const id = `inv_${number}`;
    this.open.set(id, { id, customerId: `cus_${customer}`, customerName: `Customer ${customer} Ltd`, number, paymentReference: `RF${10 + (this.numbers % 89)}${number.replaceAll('-', '')}`, openMinor, currency: 'EUR' });
  }

  next(): Meant {
    const all = [...this.open.values()];
    const customerId = this.pick(all).customerId;
    const own = all.filter((invoice) => invoice.customerId === customerId);
    const kind = this.kindFor(own.length);
    const meant = this.meaning(kind, own);
    const amount = [...meant.truth.values()].reduce((a, b) => a + b, 0n) + (meant.over ?? 0n);
    const elsewhere = kind === 'another bank, named' ? '-other' : '';
    return { kind, customerId, amountMinor: amount, truth: meant.truth, evidence: { creditorReferences: [], references: [`E2E-${this.upTo(1e9)}`], text: [this.pick(WORDS)], ...meant.evidence }, payerName: own[0]!.customerName, account: `DE-${customerId}${elsewhere}` };
  }

  /** What the payer meant is done. */
  settle({ truth }: Meant): void {
    for (const [id, minor] of truth) {
      const invoice = this.open.get(id)!;
      invoice.openMinor -= minor;
      if (invoice.openMinor === 0n) this.open.delete(id);
    }
    while (this.open.size < this.customers * 4) this.issue();
  }

  private meaning(kind: string, own: Open[]): { truth: Map<string, bigint>; evidence?: Partial<Evidence>; over?: bigint } {
    const one = this.pick(own);
    const full = (invoices: Open[]) => new Map(invoices.map(({ id, openMinor }) => [id, openMinor]));
    const short = () => new Map([[one.id, one.openMinor - (1n + BigInt(this.upTo(Number(one.openMinor) / 25)))]]);
    const some = () => this.shuffled(own).slice(0, Math.max(2, Math.min(own.length - 1, 2 + this.upTo(3))));
    const text = (said: string) => ({ text: [`${this.pick(WORDS)} ${said} ${this.pick(WORDS)}`] });
    switch (kind) {
      case 'creditor reference': return { truth: full([one]), evidence: { creditorReferences: [one.paymentReference] } };
      case 'number in text': case 'another bank, named': return { truth: full([one]), evidence: text(one.number) };
      case 'several numbers': { const several = some(); return { truth: full(several), evidence: text(several.map(({ number }) => number).join(' and ')) }; }
      case 'merged numbers': { const several = some().slice(0, 2); return { truth: full(several), evidence: text(`${several[0]!.number}/${several[1]!.number.slice(-3)}`) }; }
      case 'misspelt number': return { truth: full([one]), evidence: text(this.misspelt(one.number)) };
      case 'misspelt and short': return { truth: short(), evidence: text(this.misspelt(one.number)) };
      case 'short, named': return { truth: short(), evidence: text(one.number) };
      case 'over, named': return { truth: full([one]), evidence: text(one.number), over: BigInt(1 + this.upTo(5_000)) };
      case 'no word, one invoice': return { truth: full([one]) };
      case 'no word, all open': return { truth: full(own) };
      case 'no word, some open': return { truth: full(some()) };
      default: return { truth: short() };
    }
  }

  private kindFor(open: number): string {
    for (;;) {
      let at = this.random() * KINDS.reduce((sum, [, share]) => sum + share, 0);
      const kind = KINDS.find(([, share]) => (at -= share) < 0)![0];
      if (open >= 3 || !/several|merged|some/.test(kind)) return kind;
    }
  }

  /** One letter lost, doubled, wrong, or swapped with its neighbour. */
  private misspelt(number: string): string {
    for (;;) {
      const at = 1 + this.upTo(number.length - 2);
      const wrong = this.pick([number.slice(0, at) + number.slice(at + 1), number.slice(0, at) + number[at] + number.slice(at), number.slice(0, at) + String(this.upTo(10)) + number.slice(at + 1), number.slice(0, at - 1) + number[at] + number[at - 1] + number.slice(at + 1)]);
      const plain = (text: string) => text.replace(/[^0-9A-Z]/g, '');
      if (plain(wrong) !== plain(number) && ![...this.open.values()].some((other) => plain(other.number) === plain(wrong))) return wrong; // else it names another invoice outright
    }
  }

  private upTo(most: number): number {
    return Math.floor(this.random() * most);
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.upTo(items.length)]!;
  }

  private shuffled<T>(items: readonly T[]): T[] {
    return items.map((item) => [this.random(), item] as const).sort(([a], [b]) => a - b).map(([, item]) => item);
  }
}

export interface Tally {
  transfers: number;
  applied: number;
  /** Applied to what was not meant, or more than was meant. */
  wrong: number;
  /** Left to a person, with what was meant among the first three suggestions. */
  suggested: number;
}

/** What becomes of a month of transfers, by kind and by rule. Somebody confirms what was meant after each, and the payer is known from then on. */
export function workThrough(seed: number, transfers: number): { kinds: Map<string, Tally>; rules: Map<string, Tally> } {
  const month = new Month(seed);
  const payers = new Map<string, Set<string>>();
  const [kinds, rules] = [new Map<string, Tally>(), new Map<string, Tally>()];
  const count = (tallies: Map<string, Tally>, name: string, change: Partial<Tally>) => {
    const tally = tallies.get(name) ?? { transfers: 0, applied: 0, wrong: 0, suggested: 0 };
    for (const [key, by] of Object.entries(change)) tally[key as keyof Tally] += by;
    tallies.set(name, tally);
  };
  for (let n = 0; n < transfers; n++) {
    const meant = month.next();
    const open = [...month.open.values()];
    const { numbers, paymentReferences } = lookupTerms(meant.evidence);
    const named = open.filter(({ number, paymentReference }) => numbers.includes(number) || paymentReferences.includes(paymentReference));
    const known = payers.get(meant.account) ?? new Set<string>();
    const ofPayer = known.size === 1 ? open.filter(({ customerId }) => known.has(customerId)) : null;
    const decision = decide(meant.evidence, { amountMinor: meant.amountMinor, named, payerId: known.size === 1 ? [...known][0]! : null, payersOpen: ofPayer });
    count(kinds, meant.kind, { transfers: 1 });
    if (decision.found === 'PARTS') {
      const wrong = decision.parts.some(({ invoice, amountMinor }) => amountMinor > (meant.truth.get(invoice.id) ?? 0n)) ? 1 : 0;
      count(kinds, meant.kind, { applied: 1, wrong });
      count(rules, decision.rule, { transfers: 1, applied: 1, wrong });
    } else {
      const candidates = open.filter((one) => named.includes(one) || known.has(one.customerId) || one.customerName === meant.payerName || one.openMinor === meant.amountMinor);
      const first = suggest(meant.evidence, { amountMinor: meant.amountMinor, candidates, payers: known, payerName: meant.payerName }).slice(0, 3);
      const truth = [...meant.truth.keys()].sort().join();
      count(kinds, meant.kind, { suggested: first.some(({ parts }) => parts.map(({ invoice }) => invoice.id).sort().join() === truth) ? 1 : 0 });
    }
    payers.set(meant.account, known.add(meant.customerId));
    month.settle(meant);
  }
  return { kinds, rules };
}

if (require.main === module) {
  const [seed, transfers] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 20_000)];
  const { kinds, rules } = workThrough(seed, transfers);
  for (const tallies of [kinds, rules]) {
    for (const [name, tally] of [...tallies].sort()) {
      const left = tally.transfers - tally.applied;
      console.log(`${name.padEnd(24)} ${String(tally.transfers).padStart(6)} transfers  applied ${((100 * tally.applied) / tally.transfers).toFixed(1).padStart(5)} %  wrong ${tally.wrong}  ${left ? `rest with the truth in the first three ${((100 * tally.suggested) / left).toFixed(1)} %` : ''}`);
    }
  }
}
