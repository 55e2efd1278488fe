/** A process that runs a posting runner and a sequencer on a database, against backends that answer as its parent says. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../entities/database';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine } from '../../subgraphs/engine';
import { systemClock } from '../../sync/clock';
import type { Backend, PostingDocument } from '../../sync/documents';
import { connectorsThat, type PostingHow, postingProcess } from './postings';

export interface RunnerOrder extends PostingHow {
  where: string;
  /** How long a backend takes for a call. */
  latencyMs: number;
  /** Tell each call; else only count them. */
  tellsCalls: boolean;
}

type Told =
  | { is: 'ready' }
  | { is: 'going' }
  | { is: 'call'; externalId: string; backend: Backend; atNs: string }
  | { is: 'stopped' }
  | ({ is: 'figures' } & RunnerFigures);

export interface RunnerFigures {
  /** Calls that a backend answered. */
  calls: Partial<Record<Backend, number>>;
  cpuMs: number;
  rssMib: number;
  /** The most it held, looked at ten times a second. */
  rssMaxMib: number;
}

type Asked = { is: 'go' } | { is: 'figures' } | { is: 'stop' } | { is: 'down'; backends: Backend[] };

export interface RunnerProcess {
  pid: number;
  /** Begins to work. */
  go(): Promise<void>;
  figures(): Promise<RunnerFigures>;
  /** From now on just these backends refuse the connection. */
  down(backends: Backend[]): void;
  /** `atNs`: when the backend was called, by the monotonic clock that all processes of a machine share. */
  onCall(listener: (call: { externalId: string; backend: Backend; atNs: bigint }) => void): void;
  stop(): Promise<void>;
}

/** Starts one and waits until it is ready to go. */
export async function startRunner(order: RunnerOrder): Promise<RunnerProcess> {
  const child = fork(__filename, [JSON.stringify(order)]);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const awaited = new Map<Told['is'], (told: Told) => void>();
  child.on('message', (told: Told) => awaited.get(told.is)?.(told));
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the runner process ended with ${String(code)}`);
  });
  died.catch(() => undefined);
  const answer = async (to: Asked | undefined, kind: Told['is']): Promise<Told> => {
    const told = new Promise<Told>((resolve) => awaited.set(kind, resolve));
    if (to) child.send(to);
    return Promise.race([told, died]);
  };
  await answer(undefined, 'ready');
  return {
    pid: child.pid!,
    go: async () => void (await answer({ is: 'go' }, 'going')),
    figures: async () => (await answer({ is: 'figures' }, 'figures')) as RunnerFigures & Told,
    down: (backends) => void child.send({ is: 'down', backends } satisfies Asked),
    onCall: (listener) => void child.on('message', (told: Told) => told.is === 'call' && listener({ ...told, atNs: BigInt(told.atNs) })),
    async stop() {
      await answer({ is: 'stop' }, 'stopped');
      process.off('exit', end);
      child.kill();
    },
  };
}

async function serve({ where, latencyMs, tellsCalls, ...how }: RunnerOrder): Promise<void> {
  const database = await openDatabase(where);
  const engine = createEngine(database, systemClock, DOMAINS);
  const tell = (told: Told) => void process.send!(told);
  const calls: RunnerFigures['calls'] = {};
  let down: readonly Backend[] = [];
  let rssMaxMib = 0;
  const rssMib = () => process.memoryUsage.rss() / 1024 ** 2;
  const posting = postingProcess({ engine, where }, connectorsThat(async ({ externalId, backend }: PostingDocument) => {
    if (down.includes(backend)) return { outcome: 'UNCERTAIN', sent: false, code: 'CONNECTION_REFUSED', message: 'down' };
    calls[backend] = (calls[backend] ?? 0) + 1;
    if (tellsCalls) tell({ is: 'call', externalId, backend, atNs: String(process.hrtime.bigint()) });
    if (latencyMs > 0) await sleep(latencyMs);
  }), how);
  setInterval(() => (rssMaxMib = Math.max(rssMaxMib, rssMib())), 100).unref();
  process.on('message', async (asked: Asked) => {
    if (asked.is === 'go') await posting.start();
    if (asked.is === 'go') tell({ is: 'going' });
    if (asked.is === 'down') down = asked.backends;
    if (asked.is === 'figures') {
      const { user, system } = process.cpuUsage();
      tell({ is: 'figures', calls, cpuMs: (user + system) / 1_000, rssMib: rssMib(), rssMaxMib: Math.max(rssMaxMib, rssMib()) });
    }
    if (asked.is !== 'stop') return;
    await posting.stop();
    await database.close();
    tell({ is: 'stopped' });
  });
  tell({ is: 'ready' });
}

if (require.main === module) {
  serve(JSON.parse(process.argv[2]!) as RunnerOrder).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
}
