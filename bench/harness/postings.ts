import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { pollMs, runnerOf, wakeupsOf } from '../../cli/house';
import type { Answer, Connector } from '../../connectors/connector';
import { systemClock } from '../../sync/clock';
import { type Backend, BACKENDS, type PostingDocument } from '../../sync/documents';
import type { BackendLimits } from '../../sync/limits';
import { SequencerLoop } from '../../sync/loop';
import { enqueue, type PostingPlan } from '../../sync/plan';
import { readBrokers } from '../../sync/wakeups';
import { type BenchHouse, TENANT } from './house';

const LEASE_MS = 30_000;
const PLANS_PER_TRANSACTION = 500;
const LEGAL_ENTITIES = [{ code: 'DE01', currency: 'EUR' }, { code: 'FR01', currency: 'EUR' }];

const hex = (text: string) => createHash('md5').update(text).digest('hex');

/** A payment as `recordPayment` queues it, to billing and ERP: behind its customer's own document. */
function paymentPlan({ customerId, laneOf, reference, index }: { customerId: string; laneOf: string; reference: string; index: number }): PostingPlan<'payment'> {
  const id = `pay_${hex(reference)}`;
  return {
    kind: 'payment',
    externalId: id,
    version: 1,
    resourceId: id,
    laneOf,
    legalEntity: LEGAL_ENTITIES[index % LEGAL_ENTITIES.length]!,
    body: { number: reference, customerId, receivedDate: '2026-11-24', currency: 'EUR', amountMinor: '5000', reference },
    after: [{ kind: 'customer', externalId: customerId, version: 1 }],
  };
}

export interface PaymentsToQueue {
  from: number;
  count: number;
  /** Spread over so many lanes of each backend, in place of one a customer. */
  lanes?: number;
  /** The first of these; else the first customer's own. */
  firstLane?: number;
}

/** Queues the postings of so many payments, two each, by the product's own way; a lane stays with one legal entity. */
export async function queuePayments({ engine }: BenchHouse, customers: readonly string[], { from, count, lanes = customers.length, firstLane = 0 }: PaymentsToQueue): Promise<void> {
  const idNamespace = await engine.idNamespace(TENANT);
  for (let start = 0; start < count; start += PLANS_PER_TRANSACTION) {
    const size = Math.min(PLANS_PER_TRANSACTION, count - start);
    const plans = Array.from({ length: size }, (_, offset) => {
      const index = firstLane + ((from + start + offset) % lanes);
      const customerId = customers[index % customers.length]!;
      const laneOf = index < customers.length ? customerId : `cus_${hex(String(index))}`;
      return paymentPlan({ customerId, laneOf, reference: `P-${from + start + offset}`, index });
    });
    const occasion = { tenantId: TENANT, idNamespace, correlationId: 'bench', nowMs: systemClock.nowMs() };
    await engine.database.transaction((sql) => enqueue(sql, plans, occasion));
  }
}

/** The documents that wait, as they are stored. */
export async function waitingDocuments({ engine }: BenchHouse): Promise<string[]> {
  const rows = await engine.database.reads.query<{ document: unknown }>("SELECT CAST(document AS CHAR) AS document FROM posting WHERE state = 'PENDING'");
  return rows.map(({ document }) => (typeof document === 'string' ? document : JSON.stringify(document)));
}

/** Backends that answer what `call` gives when it is over: POSTED if it gives nothing. */
export function connectorsThat(call: (document: PostingDocument) => Promise<Answer | void> | Answer | void): Partial<Record<Backend, Connector>> {
  const post = async (document: PostingDocument): Promise<Answer> => (await call(document)) ?? { outcome: 'POSTED', reference: document.externalId };
  const connector = (backend: Backend): Connector => ({ name: `bench ${backend}`, post, find: async () => ({ outcome: 'ABSENT' }) });
  return Object.fromEntries(BACKENDS.map((backend) => [backend, connector(backend)]));
}

export type Limits = Partial<Record<Backend, BackendLimits>>;

export interface PostingHow {
  limits?: Limits;
  /** Where processes wake each other; else they poll. */
  natsUrl?: string;
}

/** Runner and sequencer of one process, put together as the product does; not started yet. */
export function postingProcess({ engine, where }: Pick<BenchHouse, 'engine' | 'where'>, connectors: Partial<Record<Backend, Connector>>, { limits, natsUrl }: PostingHow = {}) {
  const log = pino({ level: 'warn' }, pino.destination(2));
  const wakeups = wakeupsOf({ brokers: natsUrl === undefined ? undefined : readBrokers(natsUrl), database: where }, { clock: engine.clock, log });
  const sequencer = new SequencerLoop({ database: engine.database, clock: engine.clock, growth: engine.growth, log });
  const pollIdleMs = () => pollMs(engine.database, wakeups);
  const runner = runnerOf(engine, connectors, { log, leaseMs: LEASE_MS, pollIdleMs, ...(limits && { limits }) });
  const forget = engine.onCommit(() => {
    sequencer.wake();
    runner.wake();
  });
  wakeups.onHeard('committed', () => runner.wake());
  return {
    async start(): Promise<void> {
      while (natsUrl !== undefined && !wakeups.connected()) await sleep(5);
      sequencer.start();
      runner.start();
    },
    async stop(): Promise<void> {
      await runner.stop();
      await sequencer.stop();
      await wakeups.close();
      forget();
    },
  };
}

/** Resolves once no posting waits and each change has its place in the log. */
export async function drained({ engine }: Pick<BenchHouse, 'engine'>): Promise<void> {
  const { reads } = engine.database;
  const open = async (text: string) => (await reads.query(text)).length > 0;
  while (await open("SELECT 1 FROM posting WHERE state <> 'POSTED' LIMIT 1")) await sleep(2);
  while (await open('SELECT 1 FROM `change` WHERE position IS NULL LIMIT 1')) await sleep(2);
}

/** Fails unless there is just one change, with a place of its own, for each posting. */
export async function mustHaveTold({ engine }: BenchHouse): Promise<void> {
  const [row] = await engine.database.reads.query<Record<'postings' | 'told' | 'places', unknown>>(
    "SELECT (SELECT COUNT(*) FROM posting) AS postings, COUNT(DISTINCT resource_id) AS told, COUNT(DISTINCT position) AS places FROM `change` WHERE type = 'posting.posted'",
  );
  const { postings, told, places } = row!;
  if (Number(postings) !== Number(told) || Number(told) !== Number(places)) throw new Error(`not one change a posting: ${JSON.stringify(row)}`);
}

/** Process id of the database server, if it is on this machine. */
export async function serverPid({ engine }: BenchHouse): Promise<number | undefined> {
  const [row] = await engine.database.reads.query<{ file: string; folder: string }>('SELECT @@pid_file AS file, @@datadir AS folder');
  const file = [row!.file, `${row!.folder}${row!.file}`].find((path) => existsSync(path));
  return file === undefined ? undefined : Number(readFileSync(file, 'utf8'));
}
