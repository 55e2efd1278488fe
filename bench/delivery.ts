/** How long after its commit a mutation's documents are at their backends when nothing else is going on: by where the runner is. */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { wakeupsOf } from '../cli/house';
import { perform } from '../subgraphs/act';
import { recordPayment } from '../subgraphs/payments/commands/recordPayment';
import { systemClock } from '../sync/clock';
import type { Backend } from '../sync/documents';
import { readBrokers } from '../sync/wakeups';
import { natsUrl } from './harness/databases';
import { type BenchHouse, makeCustomers, openPrivateHouse } from './harness/house';
import { connectorsThat, drained, postingProcess } from './harness/postings';
import { quantile } from './harness/rounds';
import { startRunner } from './harness/runnerProcess';

const MUTATIONS = Number(process.argv[2] ?? 200);
const CUSTOMERS = 50;
const BACKENDS_EACH: readonly Backend[] = ['billing', 'erp'];
/** Between a delivery and the next mutation; primes, so that no poll of the runner keeps step. */
const PAUSES_MS = [23, 61, 89, 127, 181];

type Calls = (listener: (call: { externalId: string; backend: Backend; atNs: bigint }) => void) => void;

/** Milliseconds from commit to call, two for each mutation; below 0 if the call came before `perform` had returned. */
async function deliveries({ actor, entityId }: BenchHouse, customers: readonly string[], { onCall, name }: { onCall: Calls; name: string }): Promise<number[]> {
  const called = new Map<string, bigint>();
  let wake = () => {};
  onCall(({ externalId, backend, atNs }) => {
    called.set(`${externalId}/${backend}`, atNs);
    wake();
  });
  const times: number[] = [];
  for (let index = 0; index < MUTATIONS; index++) {
    await sleep(PAUSES_MS[index % PAUSES_MS.length]);
    const reference = `${name}-${index}`;
    const input = { reference, customerId: customers[index % customers.length]!, legalEntityId: entityId, amount: { amount: '50.00', currency: 'EUR' }, applyTo: [] };
    const payment = await perform(actor, recordPayment, input);
    const committedNs = process.hrtime.bigint();
    for (const backend of BACKENDS_EACH) {
      const key = `${payment.id}/${backend}`;
      while (!called.has(key)) await new Promise<void>((resolve) => (wake = resolve));
      times.push(Number(called.get(key)! - committedNs) / 1e6);
    }
  }
  return times;
}

async function sameProcess(house: BenchHouse, customers: readonly string[]): Promise<number[]> {
  let tell: Parameters<Calls>[0] = () => {};
  const posting = postingProcess(house, connectorsThat(({ externalId, backend }) => tell({ externalId, backend, atNs: process.hrtime.bigint() })));
  await posting.start();
  await drained(house);
  const times = await deliveries(house, customers, { onCall: (listener) => (tell = listener), name: 'same' });
  await posting.stop();
  return times;
}

/** By polling, or woken by way of a broker. */
async function otherProcess(house: BenchHouse, customers: readonly string[], broker?: string): Promise<number[]> {
  const how = broker === undefined ? {} : { natsUrl: broker };
  const runner = await startRunner({ where: house.where, latencyMs: 0, tellsCalls: true, ...how });
  const wakeups = wakeupsOf({ brokers: broker === undefined ? undefined : readBrokers(broker), database: house.where }, { clock: systemClock, log: pino({ level: 'warn' }) });
  const forget = house.engine.onCommit(() => wakeups.tell('committed'));
  await runner.go();
  while (broker !== undefined && !wakeups.connected()) await sleep(5);
  const times = await deliveries(house, customers, { onCall: runner.onCall, name: broker === undefined ? 'polling' : 'woken' });
  await runner.stop();
  forget();
  await wakeups.close();
  return times;
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  try {
    const customers = await makeCustomers(house, CUSTOMERS);
    const figures: Record<string, Figures> = { same: figuresOf(await sameProcess(house, customers)), polling: figuresOf(await otherProcess(house, customers)) };
    const broker = natsUrl();
    if (broker === undefined) console.log('no NATS: run `npm run services` or set NATS_URL');
    else figures.woken = figuresOf(await otherProcess(house, customers, broker));
    console.log(`${MUTATIONS} payments one at a time, to ${BACKENDS_EACH.length} backends each; milliseconds from commit to call`);
    const names = { same: 'runner in the same process', polling: 'runner in another, by polling', woken: 'runner in another, woken by NATS' };
    for (const [where, { p50, p99, max }] of Object.entries(figures)) {
      console.log(`${names[where as keyof typeof names].padEnd(36)} p50 ${p50.toFixed(1).padStart(6)}  p99 ${p99.toFixed(1).padStart(6)}  most ${max.toFixed(1).padStart(6)}`);
    }
    console.log(JSON.stringify({ bench: 'delivery', mutations: MUTATIONS, ...figures }));
  } finally {
    await house.close();
  }
}

interface Figures {
  p50: number;
  p99: number;
  max: number;
}

function figuresOf(times: number[]): Figures {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => +quantile(times, share).toFixed(1));
  return { p50: p50!, p99: p99!, max: max! };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
