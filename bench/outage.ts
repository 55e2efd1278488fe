/**
 * Acceptance of mutations while the ERP is down, against the same while it answers: rounds of both alternate on one database, a runner in
 * another process at work throughout. Then the drain of what has gathered, at the rate that the ERP is configured for.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { perform } from '../subgraphs/act';
import { recordPayment } from '../subgraphs/payments/commands/recordPayment';
import { type BenchHouse, makeCustomers, openPrivateHouse } from './harness/house';
import { drained, mustHaveTold } from './harness/postings';
import { clients, quantile } from './harness/rounds';
import { startRunner } from './harness/runnerProcess';

const MUTATIONS = Number(process.argv[2] ?? 20_000);
const ROUNDS = 2;
const CLIENTS = 32;
const CUSTOMERS = 500;
/** What the ERP takes a second, for the drain. */
const PER_SECOND = 200;
const GATHERED = 3_000;
const WARM_UP_MS = 1_000;
const WINDOW_MS = 8_000;

/** Milliseconds each of so many payments took to be accepted. */
async function accept({ actor, entityId }: BenchHouse, customers: readonly string[], { name, count }: { name: string; count: number }): Promise<number[]> {
  const times: number[] = [];
  await clients(CLIENTS, count, async (index) => {
    const reference = `${name}-${index}`;
    const input = { reference, customerId: customers[index % customers.length]!, legalEntityId: entityId, amount: { amount: '50.00', currency: 'EUR' }, applyTo: [] };
    const start = performance.now();
    await perform({ ...actor, idempotencyKey: `key-${reference}` }, recordPayment, input);
    times.push(performance.now() - start);
  });
  return times;
}

async function alternate(house: BenchHouse, customers: readonly string[]): Promise<Record<'healthy' | 'down', number[]>> {
  const times: Record<'healthy' | 'down', number[]> = { healthy: [], down: [] };
  const runner = await startRunner({ where: house.where, latencyMs: 0, tellsCalls: false });
  await runner.go();
  await accept(house, customers, { name: 'warm', count: CUSTOMERS });
  for (let round = 0; round < ROUNDS; round++) {
    for (const state of round % 2 === 0 ? (['healthy', 'down'] as const) : (['down', 'healthy'] as const)) {
      await drained(house);
      runner.down(state === 'down' ? ['erp'] : []);
      times[state].push(...(await accept(house, customers, { name: `${state}-${round}`, count: MUTATIONS / ROUNDS })));
      runner.down([]);
    }
  }
  await drained(house);
  await mustHaveTold(house);
  await runner.stop();
  return times;
}

/** Documents a second to an ERP that is back, while more wait than it takes. */
async function drain(house: BenchHouse, customers: readonly string[]): Promise<number> {
  const runner = await startRunner({ where: house.where, latencyMs: 0, tellsCalls: false, limits: { erp: { perSecond: PER_SECOND } } });
  runner.down(['erp']);
  await runner.go();
  await accept(house, customers, { name: 'drain', count: GATHERED });
  runner.down([]);
  const sent = async () => (await runner.figures()).calls.erp ?? 0;
  const before = await sent();
  while ((await sent()) === before) await sleep(20); // until the circuit breaker tries again
  await sleep(WARM_UP_MS);
  const [from, start] = [await sent(), performance.now()];
  await sleep(WINDOW_MS);
  const perSecond = ((await sent()) - from) / ((performance.now() - start) / 1_000);
  await runner.stop();
  return perSecond;
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  try {
    const customers = await makeCustomers(house, CUSTOMERS);
    const { healthy, down } = await alternate(house, customers);
    const perSecond = await drain(house, customers);
    console.log(`${MUTATIONS} payments each way by ${CLIENTS} clients, in ${ROUNDS} rounds that alternate; milliseconds until accepted`);
    for (const [name, times] of [['ERP answers', healthy], ['ERP is down', down]] as const) {
      console.log(`${name}  p50 ${quantile(times, 0.5).toFixed(1).padStart(7)}  p99 ${quantile(times, 0.99).toFixed(1).padStart(7)}`);
    }
    const [p50, p99] = [0.5, 0.99].map((share) => +(quantile(down, share) / quantile(healthy, share)).toFixed(3));
    console.log(`p99 ${p99} of healthy; drain of ${perSecond.toFixed(0)} a second where ${PER_SECOND} are allowed`);
    console.log(JSON.stringify({ bench: 'outage', p50, p99, drainPerSecond: Math.round(perSecond), drainShare: +(perSecond / PER_SECOND).toFixed(3) }));
  } finally {
    await house.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
