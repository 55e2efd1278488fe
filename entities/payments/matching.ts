import { sum } from '../money';

/** What a payer gave with a transfer, in the order of its weight as evidence. */
export interface Evidence {
  /** Structured creditor references. */
  creditorReferences: string[];
  /** End-to-end id and document numbers: single references in fields of their own. */
  references: string[];
  /** Free text. */
  text: string[];
}

/** An invoice as matching sees it. */
export interface Receivable {
  id: string;
  customerId: string;
  number: string;
  paymentReference: string;
  openMinor: bigint;
  currency: string;
}

export type MatchRule = 'CREDITOR_REFERENCE' | 'END_TO_END_ID' | 'NUMBER_IN_TEXT';
/** Rules that may name several invoices, or none. */
export type CashRule = MatchRule | 'NAMED_TOGETHER' | 'PAYER_AND_AMOUNT';

export type Match =
  | { found: 'INVOICE'; invoice: Receivable; rule: MatchRule; evidence: string }
  | { found: 'NONE' | 'SEVERAL'; reason: string };

/** A part of a payment for an invoice. */
export interface Part {
  invoice: Receivable;
  amountMinor: bigint;
}

/** Where money goes without anybody being asked, or why it does not. */
export type Decision = { found: 'PARTS'; parts: Part[]; rule: CashRule; evidence: string } | { found: 'NOTHING'; reason: string };

const plain = (text: string) => text.toUpperCase().replace(/[^0-9A-Z]/g, '');
const TOKENS_MAX = 40;

/** The texts by which invoices of a line may be looked up: references as they stand, and words of the free text. */
export function lookupTerms(evidence: Evidence): { numbers: string[]; paymentReferences: string[] } {
  const words = evidence.text.flatMap((text) => text.toUpperCase().match(/[0-9A-Z][0-9A-Z/_.-]{3,38}[0-9A-Z]/g) ?? []).slice(0, TOKENS_MAX);
  const given = [...evidence.creditorReferences, ...evidence.references].map((text) => text.trim());
  return {
    numbers: [...new Set([...evidence.references.map((text) => text.trim()), ...words])],
    paymentReferences: [...new Set([...given, ...words].map(plain).filter((text) => text.startsWith('RF')))],
  };
}

/**
 * Finds the invoice a transfer pays, by evidence in order: structured creditor reference, reference in a field of its own, invoice
 * number found exactly once in free text. Two invoices by the strongest evidence are no match: nothing is guessed.
 */
export function matchInvoice(evidence: Evidence, candidates: readonly Receivable[]): Match {
  const structured = new Set(evidence.creditorReferences.map(plain));
  const single = new Set(evidence.references.map(plain));
  const words = new Set(lookupTerms({ ...evidence, references: [], creditorReferences: [] }).numbers.map(plain));
  const rules: [MatchRule, Set<string>][] = [['CREDITOR_REFERENCE', structured], ['END_TO_END_ID', single], ['NUMBER_IN_TEXT', words]];
  for (const [rule, given] of rules) {
    const hits = candidates.filter((invoice) => given.has(plain(invoice.number)) || given.has(plain(invoice.paymentReference)));
    if (hits.length > 1) return { found: 'SEVERAL', reason: `The transfer names ${hits.length} invoices: ${hits.map((hit) => hit.number).join(', ')}.` };
    if (hits.length === 1) return { found: 'INVOICE', invoice: hits[0]!, rule, evidence: hits[0]!.number };
  }
  return { found: 'NONE', reason: 'No reference of the transfer is that of an invoice.' };
}

/** Finds the invoices that a transfer names, out of many: by number and by reference, without looking at each. */
export function namesOf<Invoice extends Pick<Receivable, 'number' | 'paymentReference'>>(invoices: readonly Invoice[]): (evidence: Evidence) => Invoice[] {
  const byName = new Map<string, Invoice[]>();
  for (const invoice of invoices) for (const name of new Set([plain(invoice.number), plain(invoice.paymentReference)])) byName.set(name, [...(byName.get(name) ?? []), invoice]);
  return (evidence) => [...new Set([...wordsOf(evidence)].flatMap((word) => byName.get(word) ?? []))];
}

/** Everything of the evidence that may name an invoice, as it is compared. */
const wordsOf = (evidence: Evidence): Set<string> =>
  new Set([...evidence.creditorReferences, ...evidence.references, ...lookupTerms({ ...evidence, references: [], creditorReferences: [] }).numbers].map(plain));

/** All invoices that the evidence names exactly, by whatever of it. */
function namedBy(evidence: Evidence, candidates: readonly Receivable[]): Receivable[] {
  const given = wordsOf(evidence);
  return candidates.filter((invoice) => given.has(plain(invoice.number)) || given.has(plain(invoice.paymentReference)));
}

const openOf = (invoices: readonly Receivable[]): bigint => sum(invoices.map(({ openMinor }) => openMinor));
const inFull = (invoices: readonly Receivable[]): Part[] => invoices.map((invoice) => ({ invoice, amountMinor: invoice.openMinor }));
const numbersOf = (invoices: readonly Receivable[]): string => invoices.map(({ number }) => number).join(', ');

/** What is known of a transfer beside what it says. */
export interface Transfer {
  amountMinor: bigint;
  /** Invoices that some word of it names. */
  named: readonly Receivable[];
  /** The customer who is known to pay from there; null if nobody is known, or more than one. */
  payerId: string | null;
  /** All that is open of that customer; null if it is not known. */
  payersOpen: readonly Receivable[] | null;
}

/**
 * Where the money of a transfer goes, by evidence in order: all invoices it names if they come to the amount; the one invoice that its strongest evidence names; of a payer who is known and
 * names nothing, the one invoice, or everything open, that the amount is of. Anything that could be meant in two ways is left to a person.
 */
export function decide(evidence: Evidence, { amountMinor, named, payerId, payersOpen }: Transfer): Decision {
  const together = namedBy(evidence, named).filter(({ openMinor }) => openMinor > 0n);
  if (together.length > 1 && openOf(together) === amountMinor && together.every(({ customerId }) => customerId === together[0]!.customerId)) return { found: 'PARTS', parts: inFull(together), rule: 'NAMED_TOGETHER', evidence: numbersOf(together) };
  const match = matchInvoice(evidence, named);
  if (match.found === 'INVOICE') {
    const { invoice, rule } = match;
    if (invoice.openMinor === 0n) return { found: 'NOTHING', reason: `Nothing is open of invoice ${invoice.number}.` };
    const stranger = payerId !== null && payerId !== invoice.customerId;
    if (stranger && amountMinor !== invoice.openMinor) return { found: 'NOTHING', reason: `Invoice ${invoice.number} is another customer's than the one who pays from there, and the amount is another: the number may be misspelt.` };
    return { found: 'PARTS', parts: [{ invoice, amountMinor: amountMinor < invoice.openMinor ? amountMinor : invoice.openMinor }], rule, evidence: match.evidence };
  }
  if (match.found === 'SEVERAL' || payersOpen === null) return { found: 'NOTHING', reason: match.reason };
  return byAmount(evidence, amountMinor, payersOpen);
}

/** Subsets of more invoices are not looked for: that one of them fits says little then. */
const SUBSET_MAX = 24;

function byAmount(evidence: Evidence, amountMinor: bigint, open: readonly Receivable[]): Decision {
  if (open.length === 0) return { found: 'NOTHING', reason: 'Nothing is open of the customer who pays from there.' };
  const misspelt = looksLikeOurs(evidence, open);
  if (misspelt) return { found: 'NOTHING', reason: `${misspelt} is no invoice of ours, and might be meant to be one.` };
  if (open.length > SUBSET_MAX) return { found: 'NOTHING', reason: `${open.length} invoices are open of the customer who pays from there, and none is named.` };
  const [first, second] = subsetsThatSumTo(open.map(({ openMinor }) => openMinor), amountMinor, 2);
  if (!first) return { found: 'NOTHING', reason: 'No invoices of the customer who pays from there come to the amount.' };
  if (second) return { found: 'NOTHING', reason: 'Several invoices of the customer who pays from there come to the amount.' };
  const invoices = first.map((index) => open[index]!);
  if (invoices.length > 1 && invoices.length < open.length) return { found: 'NOTHING', reason: `${numbersOf(invoices)} come to the amount, and nothing says that they are meant.` };
  return { found: 'PARTS', parts: inFull(invoices), rule: 'PAYER_AND_AMOUNT', evidence: `${invoices.length === open.length ? 'all that is open' : 'the only one'} of this amount: ${numbersOf(invoices)}`.slice(0, 191) };
}

/** A word that begins as our numbers do and is none of them. */
function looksLikeOurs(evidence: Evidence, open: readonly Receivable[]): string | undefined {
  const prefixes = new Set(open.map(({ number }) => /^[A-Z]{2,}/.exec(plain(number))?.[0]).filter((prefix) => prefix !== undefined));
  return lookupTerms(evidence).numbers.find((word) => [...prefixes].some((prefix) => plain(word).startsWith(prefix) && /\d/.test(word)));
}

/**
 * Sets of amounts that sum exactly to another, by their places; at most so many of them. Each half of the amounts has its sums listed, and the halves are put together, so that 24 amounts take some
 * thousand steps.
 */
export function subsetsThatSumTo(amounts: readonly bigint[], target: bigint, most: number): number[][] {
  const middle = Math.ceil(amounts.length / 2);
  const left = sumsOf(amounts.slice(0, middle));
  const found: number[][] = [];
  for (const [sumOfRight, sets] of sumsOf(amounts.slice(middle))) {
    for (const right of sets) {
      for (const one of left.get(target - sumOfRight) ?? []) {
        const places = [...one, ...right.map((place) => place + middle)];
        if (places.length > 0) found.push(places);
        if (found.length === most) return found;
      }
    }
  }
  return found;
}

/** Of each sum a few of the sets that come to it: more than one says all there is to know. */
const SETS_OF_A_SUM = 4;

function sumsOf(amounts: readonly bigint[]): Map<bigint, number[][]> {
  const sums = new Map<bigint, number[][]>([[0n, [[]]]]);
  amounts.forEach((amount, place) => {
    for (const [total, sets] of [...sums]) {
      const known = sums.get(total + amount) ?? [];
      sums.set(total + amount, [...known, ...sets.map((set) => [...set, place])].slice(0, SETS_OF_A_SUM));
    }
  });
  return sums;
}

/** A way in which a transfer may be meant, for a person to choose. */
export interface Suggestion {
  parts: Part[];
  /** What speaks for it, and against. */
  evidence: string[];
  score: number;
}

export interface Pool {
  amountMinor: bigint;
  /** Everything that might be meant, with the name of its customer. */
  candidates: readonly (Receivable & { customerName: string })[];
  /** Who has paid from there before. */
  payers: ReadonlySet<string>;
  payerName: string | null;
}

const SUGGESTIONS_MAX = 5;

/** The ways in which a transfer may be meant, the likeliest first: what it names, as written or misspelt, who pays, and whether the amount is that of it. */
export function suggest(evidence: Evidence, pool: Pool): Suggestion[] {
  const { amountMinor, candidates } = pool;
  const sets: (readonly Pool['candidates'][number][])[] = candidates.map((candidate) => [candidate]);
  const ofCustomer = new Map<string, Pool['candidates'][number][]>();
  for (const candidate of candidates) ofCustomer.set(candidate.customerId, [...(ofCustomer.get(candidate.customerId) ?? []), candidate]);
  for (const own of ofCustomer.values()) {
    if (own.length > SUBSET_MAX) continue;
    for (const places of subsetsThatSumTo(own.map(({ openMinor }) => openMinor), amountMinor, SUGGESTIONS_MAX)) if (places.length > 1) sets.push(places.map((place) => own[place]!));
  }
  const named = new Set(namedBy(evidence, candidates));
  if (named.size > 1) sets.push([...named] as Pool['candidates'][number][]);
  const words = lookupTerms(evidence).numbers.map(plain).filter((word) => word.length >= 6);
  const scored = sets.map((set) => weigh(set, { ...pool, named, words }));
  const unique = new Map(scored.map((one) => [one.parts.map(({ invoice }) => invoice.id).sort().join(), one]));
  return [...unique.values()].filter(({ score }) => score > 0).sort((a, b) => b.score - a.score).slice(0, SUGGESTIONS_MAX);
}

type Known = Pool & { named: ReadonlySet<Receivable>; words: readonly string[] };

function weigh(set: readonly Pool['candidates'][number][], { amountMinor, payers, payerName, named, words }: Known): Suggestion {
  const evidence: string[] = [];
  let score = 0;
  const say = (points: number, text: string) => {
    score += points;
    evidence.push(text);
  };
  const exact = set.filter((invoice) => named.has(invoice)).length;
  if (exact > 0) say((60 * exact) / set.length, exact === set.length ? 'It is named.' : `${exact} of ${set.length} are named.`);
  if (exact < named.size && named.size > 1) say((-20 * (named.size - exact)) / named.size, 'Others are named as well.');
  const nearness = set.map((invoice) => (named.has(invoice) ? 1 : Math.max(0, ...words.map((word) => similarity(word, plain(invoice.number))))));
  const near = nearness.filter((one) => one >= 0.85 && one < 1).length;
  if (near > 0) say((45 * sumOf(nearness.filter((one) => one >= 0.85 && one < 1))) / set.length, 'Something much like its number is named.');
  if (payers.has(set[0]!.customerId)) say(25, 'Its customer has paid from there before.');
  const alike = payerName === null ? 0 : similarity(plain(payerName), plain(set[0]!.customerName));
  if (alike >= 0.8) say(20 * alike, 'The payer has the name of its customer.');
  const open = openOf(set);
  if (open === amountMinor) say(30, 'It comes to the amount.');
  else if (amountMinor < open && (open - amountMinor) * 20n <= open) say(12, 'The amount is short of it by at most 5 %.');
  else if (exact === 0 && near === 0) say(-40, 'The amount is another.');
  score -= 3 * (set.length - 1);
  let rest = amountMinor;
  const parts = set.map((invoice) => {
    const part = rest < invoice.openMinor ? rest : invoice.openMinor;
    rest -= part;
    return { invoice, amountMinor: part };
  }).filter((part) => part.amountMinor > 0n);
  return { parts, evidence, score };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** 1 for equal texts, down to 0: one less the share of letters that are to be put in, taken out, replaced or swapped with their neighbour. */
export function similarity(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  if (longest === 0) return 1;
  if (Math.abs(a.length - b.length) > longest / 2) return 0;
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let steps = Math.min(last[column]! + 1, now[column - 1]! + 1, last[column - 1]! + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) steps = Math.min(steps, before[column - 2]! + 1);
      now.push(steps);
    }
    [before, last] = [last, now];
  }
  return 1 - last[b.length]! / longest;
}
