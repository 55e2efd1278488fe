import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../harness/servers';
import { type Peer, peerPackage, peerVersion } from './peer';
import { openPool } from './postgres';

interface GraphileWorker {
  runMigrations(options: object): Promise<void>;
  run(options: object): Promise<{ stop(): Promise<void> }>;
  Logger: new (factory: () => () => void) => object;
}

const TASK = 'post';

/**
 * graphile-worker with one statement to fetch a job and one to complete it, as it comes; or, `batched`, fetching into its local queue and
 * completing in batches, which its documentation recommends for throughput.
 */
export async function graphileWorker(server: Server, { concurrency, batched }: { concurrency: number; batched: boolean }): Promise<Peer> {
  const { run, runMigrations, Logger } = peerPackage<GraphileWorker>('graphile-worker');
  const schema = batched ? 'graphile_batched' : 'graphile_worker';
  const pool = openPool(server.url, concurrency + 2);
  pool.on('error', (error) => console.error(error)).on('connect', (client) => void client.on('error', (error) => console.error(error)));
  const logger = new Logger(() => () => undefined);
  const batches = batched ? { localQueue: { size: 500 }, completeJobBatchDelay: 0 } : {};
  const options = { pgPool: pool, noHandleSignals: true, preset: { worker: { schema, logger, concurrentJobs: concurrency, ...batches } } };
  await runMigrations(options);
  return {
    name: `graphile-worker ${peerVersion('graphile-worker')}${batched ? ', batched' : ''}`,
    settings: `concurrentJobs ${concurrency}${batched ? ', localQueue.size 500, completeJobBatchDelay 0' : ''}`,
    serverPid: server.pid,
    async add(payloads) {
      const spec = `('${TASK}', payload::json, NULL, NULL, NULL, NULL, NULL, NULL)::${schema}.job_spec`;
      await pool.query(`SELECT count(*) FROM ${schema}.add_jobs(ARRAY(SELECT ${spec} FROM unnest($1::text[]) payload))`, [payloads]);
      await pool.query(`VACUUM ANALYZE ${schema}._private_jobs`);
    },
    async work(jobs, job) {
      let left = jobs;
      let last: () => void;
      const worked = new Promise<void>((resolve) => (last = resolve));
      const task = async () => {
        await job();
        if (--left === 0) last();
      };
      const runner = await run({ ...options, taskList: { [TASK]: task } });
      await worked;
      const waiting = async () => (await pool.query(`SELECT 1 FROM ${schema}._private_jobs LIMIT 1`)).rows.length > 0;
      while (await waiting()) await sleep(2);
      await runner.stop();
    },
    close: () => pool.end(),
  };
}
