/** A process that runs a posting runner and a sequencer on a database, against backends that answer as its parent says. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../entities/database';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine } from '../../subgraphs/engine';
import { systemClock } from '../../sync/clock';
import type { Backend, PostingDocument } from '../../sync/documents';
import { connectorsThat, postingProcess } from './postings';

export interface RunnerOrder {
  where: string;
  /** How long a backend takes for a call. */
  latencyMs: number;
  /** Tell each call; else only count them. */
  tellsCalls: boolean;
}

type Told =
  | { is: 'ready' }
  | { is: 'call'; externalId: string; backend: Backend; atNs: string }
  | { is: 'stopped' }
  | ({ is: 'figures' } & RunnerFigures);

export interface RunnerFigures {
  calls: number;
  cpuMs: number;
  rssMib: number;
  /** The most it held, looked at ten times a second. */
  rssMaxMib: number;
}

type Asked = { is: 'figures' } | { is: 'stop' } | { is: 'down'; backends: Backend[] };

export interface RunnerProcess {
  pid: number;
  figures(): Promise<RunnerFigures>;
  /** From now on just these backends refuse the connection. */
  down(backends: Backend[]): void;
  /** `atNs`: when the backend was called, by the monotonic clock that all processes of a machine share. */
  onCall(listener: (call: { externalId: string; backend: Backend; atNs: bigint }) => void): void;
  stop(): Promise<void>;
}

/** Starts one and waits until it works. */
export async function startRunner(order: RunnerOrder): Promise<RunnerProcess> {
  const child = fork(__filename, [JSON.stringify(order)]);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const answer = async (to: Asked | undefined, kind: Told['is']): Promise<Told> => {
    if (to) child.send(to);
    for (;;) {
      const [told] = (await Promise.race([once(child, 'message'), died(child)])) as [Told];
      if (told.is === kind) return told;
    }
  };
  await answer(undefined, 'ready');
  return {
    pid: child.pid!,
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

async function died(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the runner process ended with ${code}`);
}

async function serve({ where, latencyMs, tellsCalls }: RunnerOrder): Promise<void> {
  const database = await openDatabase(where);
  const engine = createEngine(database, systemClock, DOMAINS);
  const tell = (told: Told) => void process.send!(told);
  let calls = 0;
  let down: readonly Backend[] = [];
  let rssMaxMib = 0;
  const rssMib = () => process.memoryUsage.rss() / 1024 ** 2;
  const posting = postingProcess({ engine }, connectorsThat(async ({ externalId, backend }: PostingDocument) => {
    if (down.includes(backend)) return { outcome: 'UNCERTAIN', sent: false, code: 'CONNECTION_REFUSED', message: 'down' };
    calls++;
    if (tellsCalls) tell({ is: 'call', externalId, backend, atNs: String(process.hrtime.bigint()) });
    if (latencyMs > 0) await sleep(latencyMs);
  }));
  setInterval(() => (rssMaxMib = Math.max(rssMaxMib, rssMib())), 100).unref();
  process.on('message', async (asked: Asked) => {
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
  posting.start();
  tell({ is: 'ready' });
}

if (require.main === module) {
  serve(JSON.parse(process.argv[2]!) as RunnerOrder).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
}
