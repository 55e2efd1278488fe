import { performance } from 'node:perf_hooks';

/** One timed run of many like jobs. */
export interface Round {
  jobs: number;
  ms: number;
  cpuMs: number;
}

/** Runs `jobs` jobs with so many clients at once, each taking the next job when its last is done. */
export async function clients(count: number, jobs: number, job: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < jobs) await job(next++);
  };
  await Promise.all(Array.from({ length: count }, client));
}

/** Time by the wall and CPU time of this process. */
export async function timed(jobs: number, run: () => Promise<void>): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { jobs, ms, cpuMs: (user + system) / 1_000 };
}

export function total(rounds: readonly Round[]): { perSecond: number; cpuMsEach: number } {
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  const jobs = sum((round) => round.jobs);
  return { perSecond: jobs / (sum((round) => round.ms) / 1_000), cpuMsEach: sum((round) => round.cpuMs) / jobs };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that so great a share of all does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
