/**
 * How long documents of one legal entity take from commit to their ERP while another legal entity's ERP hangs, against the same while it answers.
 * Rounds of both alternate on one database; both legal entities are busy in all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Connector } from '../connectors/connector';
import { perform } from '../subgraphs/act';
import { upsertLegalEntity } from '../subgraphs/customers/commands/upsertLegalEntity';
import { recordPayment } from '../subgraphs/payments/commands/recordPayment';
import { type BenchHouse, makeCustomers, openPrivateHouse } from './harness/house';
import { connectorsThat, drained, postingProcess } from './harness/postings';
import { quantile } from './harness/rounds';

const MUTATIONS = Number(process.argv[2] ?? 300);
const ROUNDS = Number(process.argv[3] ?? 3);
const CUSTOMERS = 100;
/** Payments of the other legal entity that wait when a round begins: more than a process may ever have in hand. */
const WAITING = 300;
const CALL_MS = 5;
const PAUSE_MS = 20;

const UNANSWERED: Answer = { outcome: 'UNCERTAIN', sent: true, code: 'TIMED_OUT', message: 'no answer in time' };

/** An ERP of two legal entities, of which one may hang. */
class Erp implements Connector {
  readonly name = 'bench erp';
  hangs = false;
  private readonly called = new Map<string, bigint>();
  private told = (): void => undefined;

  post: Connector['post'] = async (document, signal) => {
    this.called.set(document.externalId, process.hrtime.bigint());
    this.told();
    if (this.hangs && document.legalEntity?.code === 'DE01') {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      return UNANSWERED;
    }
    await sleep(CALL_MS);
    return { outcome: 'POSTED', reference: document.externalId };
  };

  find: Connector['find'] = async (document, signal) => (this.hangs && document.legalEntity?.code === 'DE01' ? this.post(document, signal) as never : { outcome: 'ABSENT' });

  /** Resolves with the instant of a document's call. */
  async callOf(externalId: string): Promise<bigint> {
    while (!this.called.has(externalId)) await new Promise<void>((resolve) => (this.told = resolve));
    return this.called.get(externalId)!;
  }
}

interface Company {
  house: BenchHouse;
  customers: readonly string[];
  hanging: string;
  measured: string;
}

/** Milliseconds from commit to the ERP's call, of payments of the legal entity that is well. */
async function round({ house, customers, hanging, measured }: Company, erp: Erp, name: string): Promise<number[]> {
  const pay = (legalEntityId: string, index: number, of: string) =>
    perform(house.actor, recordPayment, {
      reference: `${name}-${of}-${index}`, customerId: customers[index % customers.length]!, legalEntityId, amount: { amount: '50.00', currency: 'EUR' }, applyTo: [],
    });
  for (let index = 0; index < WAITING; index++) await pay(hanging, index, 'waiting');
  const times: number[] = [];
  for (let index = 0; index < MUTATIONS; index++) {
    await sleep(PAUSE_MS);
    await pay(hanging, index, 'hanging');
    const { id } = await pay(measured, index, 'measured');
    const committedNs = process.hrtime.bigint();
    times.push(Number((await erp.callOf(id)) - committedNs) / 1e6);
  }
  return times;
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  try {
    const customers = await makeCustomers(house, CUSTOMERS);
    const other = await perform(house.actor, upsertLegalEntity, {
      code: 'FR01', name: 'Bench SAS', currency: 'EUR', timeZone: 'Europe/Paris', booksFrom: '2025-01-01', bankAccounts: [],
    });
    const company: Company = { house, customers, hanging: house.entityId, measured: other.id };
    const erp = new Erp();
    const posting = postingProcess(house, { ...connectorsThat(() => undefined), erp });
    posting.start();
    await drained(house);
    await round(company, erp, 'warm');
    const times: Record<'healthy' | 'hanging', number[]> = { healthy: [], hanging: [] };
    for (let turn = 0; turn < ROUNDS * 2; turn++) {
      const state = (turn + (turn >> 1)) % 2 === 0 ? 'healthy' : 'hanging';
      erp.hangs = state === 'hanging';
      times[state].push(...(await round(company, erp, `${state}-${turn}`)));
      erp.hangs = false;
      await drained(house);
    }
    await posting.stop();
    report(times);
  } finally {
    await house.close();
  }
}

function report(times: Record<'healthy' | 'hanging', number[]>): void {
  console.log(`${MUTATIONS} payments a round, ${ROUNDS} rounds of each; milliseconds from commit to the ERP's call, of the legal entity that is well`);
  const figures = Object.fromEntries(Object.entries(times).map(([state, all]) => [state, [0.5, 0.99].map((share) => +quantile(all, share).toFixed(1))])) as Record<keyof typeof times, [number, number]>;
  for (const [state, [p50, p99]] of Object.entries(figures)) console.log(`the other one ${state.padEnd(8)} p50 ${p50.toFixed(1).padStart(6)}  p99 ${p99.toFixed(1).padStart(6)}`);
  console.log(JSON.stringify({ bench: 'hanging', ratio: +(figures.hanging[1] / figures.healthy[1]).toFixed(3), healthy: figures.healthy, hanging: figures.hanging }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
