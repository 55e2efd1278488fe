/**
 * A mutation accepted with all its rows, against a bare mysql2 transaction that writes the same rows. Rounds alternate; both
 * write to databases of their own on one server, which must hold the same number of rows in each table at the end.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { authenticator } from '../gateway/tokens';
import { contextOf } from '../gateway/context';
import { startGateway } from '../gateway/server';
import { addToken } from '../cli/tenants';
import { act } from '../subgraphs/act';
import { recordPayment } from '../subgraphs/payments/commands/recordPayment';
import { systemClock } from '../sync/clock';
import { Floor } from './harness/floor';
import { type BenchHouse, makeCustomers, openBenchHouse, openExecution, TENANT } from './harness/house';
import type { LoadOrder } from './harness/load';
import { clients, median, type Round, timed, total } from './harness/rounds';

const CLIENTS = 32;
const POOL_CONNECTIONS = 40;
const CUSTOMERS = 300;
const ROUNDS = Number(process.argv[2] ?? 4);
const JOBS = Number(process.argv[3] ?? 1_200);
const TOKEN = 'bench-token';
const TABLES = ['payment', 'resource_version', 'change', 'lane', 'posting', 'posting_dependency', 'audit_entry', 'idempotency_key'];
const BODIES = { posting: 'document', resource_version: 'body', change: 'data' };

async function inProcess({ actor, entityId }: BenchHouse, customers: string[], round: number): Promise<void> {
  await clients(CLIENTS, JOBS, async (index) => {
    const reference = `P-${round}-${index}`;
    const input = { reference, customerId: customers[index % CUSTOMERS]!, legalEntityId: entityId, amount: { amount: '50.00', currency: 'EUR' }, applyTo: [] };
    const result = await act({ ...actor, idempotencyKey: `key-${reference}` }, recordPayment, input);
    if (!('unappliedMinor' in result)) throw new Error(JSON.stringify(result));
  });
}

async function bare(floor: Floor, customers: string[], round: number): Promise<void> {
  const perCustomer = Math.ceil(JOBS / CUSTOMERS);
  await clients(CLIENTS, JOBS, async (index) => {
    const sequence = 1 + round * perCustomer + Math.floor(index / CUSTOMERS);
    await floor.pay({ customerId: customers[index % CUSTOMERS]!, reference: `P-${round}-${index}`, sequence, nowMs: systemClock.nowMs() });
  });
}

/** A gateway on a database of its own in this process, and a client in another. */
async function openHttp() {
  const house = await openBenchHouse('mysql');
  const customers = await makeCustomers(house, CUSTOMERS);
  await addToken(house.engine, { tenantId: TENANT, client: 'bench-finance', role: 'finance', token: TOKEN });
  const gateway = await startGateway({
    execution: await openExecution(),
    contextOf: (asked) => contextOf(house.engine, asked),
    authenticate: authenticator(house.engine, false),
    port: 0,
    clock: systemClock,
    log: { error: (...what: unknown[]) => console.error(...what) } as never,
    ready: async () => [],
  });
  const client = fork(join(__dirname, 'harness', 'load.js'));
  return {
    async round(round: number): Promise<void> {
      const payments = Array.from({ length: JOBS }, (_, index) => ({ reference: `P-${round}-${index}`, customerId: customers[index % CUSTOMERS]!, legalEntityId: house.entityId }));
      client.send({ port: gateway.port, token: TOKEN, clients: CLIENTS, payments } satisfies LoadOrder);
      const [answer] = (await once(client, 'message')) as [string];
      if (answer !== 'done') throw new Error(answer);
    },
    async close(): Promise<void> {
      client.kill();
      await gateway.close();
      await house.close();
    },
  };
}

/** Rows of each table, and bytes of the long columns. */
async function contents({ engine }: BenchHouse): Promise<{ rows: string; bytes: number }> {
  const { reads } = engine.database;
  const rows: Record<string, number> = {};
  for (const table of TABLES) rows[table] = Number((await reads.query<{ n: unknown }>(`SELECT COUNT(*) AS n FROM \`${table}\``))[0]!.n);
  let bytes = 0;
  for (const [table, column] of Object.entries(BODIES)) bytes += Number((await reads.query<{ n: unknown }>(`SELECT SUM(LENGTH(${column})) AS n FROM \`${table}\``))[0]!.n);
  return { rows: JSON.stringify(rows), bytes };
}

async function mustBeAlike(theirs: BenchHouse, ours: BenchHouse): Promise<string> {
  const [a, b] = [await contents(theirs), await contents(ours)];
  if (a.rows !== b.rows) throw new Error(`not the same rows: floor ${a.rows}, act ${b.rows}`);
  if (Math.abs(a.bytes / b.bytes - 1) > 0.02) throw new Error(`not the same bytes: floor ${a.bytes}, act ${b.bytes}`);
  return a.rows;
}

async function main(): Promise<void> {
  const ours = await openBenchHouse('mysql');
  const theirs = await openBenchHouse('mysql');
  const customers = await makeCustomers(ours, CUSTOMERS);
  await makeCustomers(theirs, CUSTOMERS);
  const options = { where: theirs.where, connections: POOL_CONNECTIONS, entityId: theirs.entityId };
  const floors = [new Floor({ ...options, prepared: false }), new Floor({ ...options, prepared: true })];
  const http = await openHttp();
  const times: Record<'text' | 'prepared' | 'act' | 'http', Round[]> = { text: [], prepared: [], act: [], http: [] };
  const before = { transactions: 0, statements: 0 };
  for (let round = 0; round <= ROUNDS; round++) {
    if (round === 1) for (const list of Object.values(times)) list.length = 0; // the first round only warms up
    if (round === 1) Object.assign(before, ours.counts);
    times.text.push(await timed(JOBS, () => bare(floors[0]!, customers, 2 * round)));
    times.act.push(await timed(JOBS, () => inProcess(ours, customers, 2 * round)));
    times.prepared.push(await timed(JOBS, () => bare(floors[1]!, customers, 2 * round + 1)));
    times.act.push(await timed(JOBS, () => inProcess(ours, customers, 2 * round + 1)));
    times.http.push(await timed(JOBS, () => http.round(round)));
  }
  const transactions = ours.counts.transactions - before.transactions;
  const each = (ours.counts.statements - before.statements) / transactions;
  const retries = transactions - times.act.length * JOBS;
  const rows = await mustBeAlike(theirs, ours);
  report(times, { each, retries, rows });
  await Promise.all(floors.map((floor) => floor.close()));
  for (const house of [http, ours, theirs]) await house.close();
}

function report(times: Record<'text' | 'prepared' | 'act' | 'http', Round[]>, { each, retries, rows }: { each: number; retries: number; rows: string }): void {
  const rate = Object.fromEntries(Object.entries(times).map(([name, rounds]) => [name, total(rounds)])) as Record<keyof typeof times, ReturnType<typeof total>>;
  const floor = rate.text.perSecond > rate.prepared.perSecond ? rate.text : rate.prepared;
  const line = (name: string, { perSecond, cpuMsEach }: typeof floor, statements: number) =>
    `${name.padEnd(34)} ${perSecond.toFixed(0).padStart(6)} /s ${cpuMsEach.toFixed(2).padStart(6)} ms CPU ${statements.toFixed(1).padStart(6)} statements ${(perSecond / floor.perSecond).toFixed(2).padStart(5)}`;
  console.log(`${CLIENTS} clients, ${CUSTOMERS} customers, ${ROUNDS} rounds of ${JOBS} after one to warm up; ratio to the faster floor`);
  console.log(line('bare mysql2, text', rate.text, 10));
  console.log(line('bare mysql2, prepared statements', rate.prepared, 10));
  console.log(line('act(recordPayment)', rate.act, each));
  console.log(line('HTTP /graphql, client elsewhere', rate.http, each));
  console.log(`median round of act ${median(times.act.map((round) => (round.jobs / round.ms) * 1_000)).toFixed(0)} /s; ${retries} transactions tried again; rows alike: ${rows}`);
  const ratio = (value: number) => +(value / floor.perSecond).toFixed(3);
  console.log(JSON.stringify({
    bench: 'accept', ratio: ratio(rate.act.perSecond), httpRatio: ratio(rate.http.perSecond), floorPerSecond: Math.round(floor.perSecond),
    actPerSecond: Math.round(rate.act.perSecond), httpPerSecond: Math.round(rate.http.perSecond), cpuMsEach: +rate.act.cpuMsEach.toFixed(2), statements: +each.toFixed(2), retries,
  }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
