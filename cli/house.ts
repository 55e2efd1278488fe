import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import type { Connector } from '../connectors/connector';
import { receiveCloudEvents } from '../connectors/cloudevents/receive';
import { sandboxConnector } from '../connectors/sandbox/connector';
import { spawnSandbox, type SpawnedSandbox } from '../connectors/sandbox/spawn';
import { trytonConnector } from '../connectors/tryton/connector';
import { type Database, openDatabase } from '../entities/database';
import { authorize, forbidReadersToWrite } from '../gateway/authorization';
import { contextOf } from '../gateway/context';
import { inProcessExecution } from '../gateway/execution';
import { type Door, type Gateway, startGateway } from '../gateway/server';
import { authenticator } from '../gateway/tokens';
import { perform } from '../subgraphs/act';
import { buildSubgraphs } from '../subgraphs/build';
import { MAY } from '../subgraphs/context';
import { DOMAINS } from '../subgraphs/domains';
import { advanceContract } from '../subgraphs/contracts/commands/advanceContract';
import { createEngine, type Engine } from '../subgraphs/engine';
import { releasePostings } from '../subgraphs/operations/commands/releasePostings';
import { settlePostings } from '../subgraphs/operations/commands/settlePostings';
import { type RunningSubgraph, serveSubgraph } from '../subgraphs/serve';
import { type Advance, advanceDue, CALENDAR_LOOK_MS } from '../sync/calendar';
import type { Clock } from '../sync/clock';
import { type Backend, BACKENDS } from '../sync/documents';
import { POLL_UNTOLD_MS } from '../sync/growth';
import { HOLDS_LOOK_MS, RELEASED_PER_LOOK_MAX, type Release, releaseDue } from '../sync/holds';
import { expireLeases } from '../sync/lanes';
import type { BackendLimits } from '../sync/limits';
import { LookLoop } from '../sync/looks';
import { SequencerLoop } from '../sync/loop';
import { Runner } from '../sync/runner';
import type { Settle } from '../sync/settlement';
import { NatsWakeups, noWakeups, type Wakeups } from '../sync/wakeups';
import { BILLING_LOOK_MS, billToday } from './bill';
import type { Config } from './config';

/** Everything that runs in this process. */
export interface House {
  engine: Engine;
  runner: Runner | undefined;
  wakeups: Wakeups;
  gateway: Gateway | undefined;
  /** Where the subgraph of this process answers, if its role is to serve one. */
  subgraph: RunningSubgraph | undefined;
  sandbox: SpawnedSandbox | undefined;
  close(): Promise<void>;
}

/** Opens the store and starts what the role asks for: gateway, runner, or all. */
export async function openHouse(config: Config, clock: Clock): Promise<House> {
  const log = pino({ level: config.logLevel }, pino.destination(2));
  const database = await openDatabase(config.database);
  const engine = createEngine(database, clock, DOMAINS);
  const wakeups = wakeupsOf(config, { clock, log });
  const sequencer = new SequencerLoop({ database, clock, growth: engine.growth, log, onPlaced: () => wakeups.tell('placed') });
  const runs = config.role === 'all' || config.role === 'runner';
  const sandbox = runs && needsSandbox(config) ? await spawnSandbox({ folder: config.dataFolder, clock }) : undefined;
  const pollIdleMs = () => pollMs(database, wakeups);
  const connectors = runs ? connectorsOf(config, { sandboxUrl: sandbox?.url, clock }) : {};
  const runner = runs ? runnerOf(engine, connectors, { log, leaseMs: config.leaseMs, pollIdleMs, limits: limitsOf(config) }) : undefined;
  const looks = runs ? looksOf(engine, config, log) : [];
  if (database.dialect === 'sqlite') await database.transaction((sql) => expireLeases(sql, clock.nowMs()));
  engine.onCommit(() => {
    sequencer.wake();
    runner?.wake();
    wakeups.tell('committed');
  });
  engine.growth.pollMs = pollIdleMs;
  wakeups.onHeard('placed', () => engine.growth.notify());
  wakeups.onHeard('committed', () => runner?.wake());
  sequencer.start();
  runner?.start();
  looks.forEach((loop) => loop.start());
  const gateway = config.role === 'all' || config.role === 'gateway' ? await gatewayOf(engine, config, log) : undefined;
  const subgraph = config.role.startsWith('subgraph:') ? await subgraphOf(engine, config, log) : undefined;
  return {
    engine, runner, wakeups, gateway, subgraph, sandbox,
    async close() {
      await gateway?.close();
      await subgraph?.close();
      for (const loop of looks) await loop.stop();
      await runner?.stop();
      await sequencer.stop();
      await wakeups.close();
      await sandbox?.stop();
      await database.close();
    },
  };
}

/** How long to go without looking: word of others may get lost, and a process on its own hears only the command line late. */
const POLL_TOLD_MS = 1_500;
const POLL_ALONE_MS = 500;

export function pollMs({ dialect }: Database, wakeups: Wakeups): number {
  if (wakeups.connected()) return POLL_TOLD_MS;
  return dialect === 'sqlite' ? POLL_ALONE_MS : POLL_UNTOLD_MS;
}

/** An SQLite file belongs to one process, which has nobody to tell. */
export function wakeupsOf({ brokers, database }: Pick<Config, 'brokers' | 'database'>, { clock, log }: { clock: Clock; log: Logger }): Wakeups {
  if (brokers === undefined || !URL.canParse(database)) return noWakeups;
  return new NatsWakeups({ brokers, scope: new URL(database).pathname.slice(1), clock, log });
}

const needsSandbox = (config: Config) =>
  config.mode === 'sandbox' && BACKENDS.some((backend) => {
    const chosen = config.connectors[backend];
    return chosen === undefined || (chosen.connector === 'sandbox' && chosen.url === undefined);
  });

/** The connectors that the configuration chooses. */
export function connectorsOf(config: Config, at: { sandboxUrl: string | undefined; clock: Clock }): Partial<Record<Backend, Connector>> {
  const connectors: Partial<Record<Backend, Connector>> = {};
  for (const backend of BACKENDS) {
    const chosen = config.connectors[backend] ?? (config.mode === 'sandbox' ? { connector: 'sandbox' as const } : undefined);
    if (chosen?.connector === 'tryton') connectors[backend] = trytonConnector({ ...chosen, clock: at.clock });
    if (chosen?.connector === 'sandbox') connectors[backend] = sandboxConnector({ url: chosen.url ?? at.sandboxUrl!, backend, clock: at.clock });
  }
  return connectors;
}

const limitsOf = ({ connectors }: Config) =>
  Object.fromEntries(Object.entries(connectors).flatMap(([backend, { limits }]) => (limits ? [[backend, limits]] : []))) as Partial<Record<Backend, BackendLimits>>;

interface RunnerHow {
  log: Logger;
  leaseMs: number;
  limits?: Partial<Record<Backend, BackendLimits>>;
  pollIdleMs?: () => number;
}

/** A runner whose outcomes are written by the operations domain, as a machine of the tenant the lanes belong to. */
export function runnerOf(engine: Engine, connectors: Partial<Record<Backend, Connector>>, how: RunnerHow): Runner {
  const owner = `${process.pid}-${randomUUID()}`;
  const settle: Settle = (tenantId, settlements) => {
    const principal = { tenantId, client: 'posting-runner', role: 'ops' as const };
    return perform({ engine, principal, correlationId: `runner-${owner}` }, settlePostings, { settlements });
  };
  const callTimeoutMs = Math.floor(how.leaseMs / 3);
  return new Runner({ database: engine.database, clock: engine.clock, connectors, owner, settle, callTimeoutMs, ...how });
}

/** Sends postings again that wait for a closed period, as a machine of their tenant. */
export function releaseOf(engine: Engine): Release {
  return (tenantId) => {
    const principal = { tenantId, client: 'posting-runner', role: 'ops' as const };
    return perform({ engine, principal, correlationId: 'holds' }, releasePostings, { postingsMax: RELEASED_PER_LOOK_MAX });
  };
}

/** What time alone makes due: postings that wait for a closed period, contracts whose day has come, and what is to be billed. */
function looksOf(engine: Engine, config: Config, log: Logger): LookLoop[] {
  const { clock, database: { reads } } = engine;
  const holds = { everyMs: HOLDS_LOOK_MS, failing: 'sending held postings again failed; trying again', look: () => releaseDue(reads, clock.nowMs(), releaseOf(engine)) };
  const calendar = {
    everyMs: CALENDAR_LOOK_MS, failing: 'a contract did not take effect; trying again',
    look: (stopping: AbortSignal) => advanceDue(reads, { nowMs: clock.nowMs(), advance: advanceOf(engine), stopping }),
  };
  const billing = { everyMs: BILLING_LOOK_MS, failing: 'the billing run broke off; trying again', look: (stopping: AbortSignal) => billToday(engine, stopping) };
  return [holds, calendar, ...(config.billing === 'daily' ? [billing] : [])].map((options) => new LookLoop({ ...options, clock, log }));
}

/** Lets contracts take effect, as a machine of their tenant. */
export function advanceOf(engine: Engine): Advance {
  return ({ tenantId, contractId }) => {
    const principal = { tenantId, client: 'contract-calendar', role: 'ops' as const };
    return perform({ engine, principal, correlationId: 'calendar' }, advanceContract, { contractId });
  };
}

async function subgraphOf(engine: Engine, config: Config, log: Logger): Promise<RunningSubgraph> {
  const subgraphs = await buildSubgraphs({ authChecker: authorize, beforeMutation: forbidReadersToWrite });
  const subgraph = subgraphs.find(({ name }) => config.role === `subgraph:${name}`)!;
  const { port, internalKey } = config;
  return serveSubgraph(subgraph, { port, internalKey: internalKey!, contextOf: (asked) => contextOf(engine, asked), clock: engine.clock, log });
}

async function gatewayOf(engine: Engine, config: Config, log: Logger): Promise<Gateway> {
  const subgraphs = await buildSubgraphs({ authChecker: authorize, beforeMutation: forbidReadersToWrite });
  const supergraph = readFileSync(join(root(), 'schema', 'supergraph.graphql'), 'utf8');
  return startGateway({
    execution: inProcessExecution(supergraph, subgraphs),
    contextOf: (asked) => contextOf(engine, asked),
    authenticate: authenticator(engine, config.mode === 'sandbox'),
    port: config.port,
    clock: engine.clock,
    log,
    ready: () => notReady(engine.database),
    metrics: () => queueMetrics(engine.database),
    openMetrics: config.mode === 'sandbox',
    doors: { '/usage': usageDoor(engine) },
  });
}

/** Where usage comes in as CloudEvents. */
export function usageDoor(engine: Engine): Door {
  return { roles: MAY.reportUsage, receive: ({ principal, correlationId }, request) => receiveCloudEvents({ engine, principal, correlationId }, request) };
}

/** The project's folder, from sources and from dist alike. */
export function root(): string {
  const above = join(__dirname, '..');
  return above.endsWith('dist') ? join(above, '..') : above;
}

async function notReady(database: Database): Promise<string[]> {
  try {
    await database.reads.query('SELECT 1');
    return [];
  } catch {
    return ['the database does not answer'];
  }
}

async function queueMetrics(database: Database): Promise<string> {
  const rows = await database.reads.query<{ backend: string; state: string; n: unknown }>(
    "SELECT backend, state, COUNT(*) AS n FROM posting WHERE state IN ('PENDING', 'UNCERTAIN', 'REJECTED') GROUP BY backend, state",
  );
  const lines = rows.map(({ backend, state, n }) => `evenkeel_postings{backend="${backend}",state="${state}"} ${Number(n)}`);
  return ['# HELP evenkeel_postings Postings that are not in the books yet.', '# TYPE evenkeel_postings gauge', ...lines, ''].join('\n');
}
