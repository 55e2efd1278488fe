import type { Server } from '../harness/servers';
import { type Peer, peerPackage, peerVersion } from './peer';
import { openPool } from './postgres';

interface PgBoss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  insert(jobs: { name: string; data: object }[]): Promise<void>;
  fetch(name: string, options: { batchSize: number; priority: boolean }): Promise<{ id: string }[]>;
  complete(name: string, ids: string[]): Promise<unknown>;
}

const BATCH_JOBS = 20;
const INSERTED_JOBS_MAX = 1_000;

/**
 * pg-boss fetching and completing in batches, by its own calls: its `work` waits half a second between two fetches. Each fetch sorts all
 * that waits, so how many that are decides its speed: `waitingMax` is what is put in at once.
 */
export async function pgBoss(server: Server, { fetchers, waitingMax }: { fetchers: number; waitingMax?: number }): Promise<Peer> {
  const queue = `post-${waitingMax ?? 'all'}`;
  const Opened = peerPackage<new (options: object) => PgBoss>('pg-boss');
  const boss = new Opened({ connectionString: server.url, max: fetchers + 2, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(queue);
  const pool = openPool(server.url, 1);
  return {
    name: `pg-boss ${peerVersion('pg-boss')}, ${waitingMax ?? 'all'} waiting`,
    settings: `batchSize ${BATCH_JOBS}, ${fetchers} fetchers, priority off`,
    ...(waitingMax !== undefined && { waitingMax }),
    serverPid: server.pid,
    async add(payloads) {
      const jobs = payloads.map((payload) => ({ name: queue, data: JSON.parse(payload) as object }));
      for (let from = 0; from < jobs.length; from += INSERTED_JOBS_MAX) await boss.insert(jobs.slice(from, from + INSERTED_JOBS_MAX));
      await pool.query('VACUUM ANALYZE pgboss.job');
    },
    async work(jobs, job) {
      let left = jobs;
      const fetcher = async () => {
        while (left > 0) {
          const batch = await boss.fetch(queue, { batchSize: BATCH_JOBS, priority: false });
          if (batch.length === 0) return;
          left -= batch.length;
          await Promise.all(batch.map(() => job()));
          await boss.complete(queue, batch.map(({ id }) => id));
        }
      };
      await Promise.all(Array.from({ length: fetchers }, fetcher));
      const { rows } = await pool.query<{ n: string }>("SELECT count(*) AS n FROM pgboss.job WHERE state <> 'completed' AND name = $1", [queue]);
      if (rows[0]!.n !== '0') throw new Error(`pg-boss has ${rows[0]!.n} jobs left`);
    },
    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
