import type { Server } from '../harness/servers';
import { type Peer, peerPackage, peerVersion } from './peer';

interface Queue {
  addBulk(jobs: { name: string; data: object }[]): Promise<unknown>;
  getJobCounts(...states: string[]): Promise<Record<string, number>>;
  close(): Promise<void>;
}

interface Worker {
  run(): Promise<void>;
  on(event: 'completed', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): Promise<void>;
}

interface BullMq {
  Queue: new (name: string, options: object) => Queue;
  Worker: new (name: string, handler: () => Promise<void>, options: object) => Worker;
}

const QUEUE = 'post';
const ADDED_JOBS_MAX = 1_000;
const KEPT_JOBS = 1_000;

export function bullMq(server: Server, { concurrency, appendfsync }: { concurrency: number; appendfsync: string }): Peer {
  const { Queue: OpenQueue, Worker: OpenWorker } = peerPackage<BullMq>('bullmq');
  const { hostname: host, port } = new URL(server.url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new OpenQueue(QUEUE, { connection });
  return {
    name: `BullMQ ${peerVersion('bullmq')}, ${appendfsync}`,
    settings: `concurrency ${concurrency}, keeps ${KEPT_JOBS} completed, appendfsync ${appendfsync}`,
    serverPid: server.pid,
    async add(payloads) {
      const jobs = payloads.map((payload) => ({ name: QUEUE, data: JSON.parse(payload) as object }));
      for (let from = 0; from < jobs.length; from += ADDED_JOBS_MAX) await queue.addBulk(jobs.slice(from, from + ADDED_JOBS_MAX));
    },
    async work(jobs, job) {
      let left = jobs;
      const worker = new OpenWorker(QUEUE, job, { connection, concurrency, autorun: false, removeOnComplete: { count: KEPT_JOBS } });
      worker.on('error', (error) => console.error(error));
      await new Promise<void>((resolve, reject) => {
        worker.on('completed', () => --left === 0 && resolve());
        worker.run().catch(reject);
      });
      await worker.close();
      const counts = await queue.getJobCounts('wait', 'active', 'failed');
      if (Object.values(counts).some((count) => count !== 0)) throw new Error(`BullMQ has jobs left: ${JSON.stringify(counts)}`);
    },
    close: () => queue.close(),
  };
}
