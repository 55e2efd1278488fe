import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal } from '../entities/refusal';
import { systemClock } from '../sync/clock';
import { root } from './house';

const PROGRESS_MS = process.stderr.isTTY ? 2_000 : 15_000;
/** A life makes much that is soon forgotten: with room for it, less of it is taken for lasting. */
const WORKER_OPTIONS = ['--max-semi-space-size=32'];
const WORKERS_MAX = 8;
const FAILURES_SHOWN_MAX = 5;

/** What a worker tells of one seed. */
interface Verdict {
  seed: number;
  acts: number;
  bookings: number;
  kills: number;
  hash: string;
  violations: string[];
  trace: string[];
}

/** Runs the product through seeds in simulated time, on all processors. `--trace` prints what happened in those that fail. */
export async function simulate(args: string[]) {
  const { seed, runs, trace } = readArgs(args);
  buildSimulation();
  const beganMs = systemClock.nowMs();
  const seconds = () => (systemClock.nowMs() - beganMs) / 1_000;
  const done: Verdict[] = [];
  const failed: Verdict[] = [];
  const heard = (verdict: Verdict) => {
    done.push(verdict);
    if (verdict.violations.length === 0) return;
    failed.push(verdict);
    if (failed.length <= FAILURES_SHOWN_MAX) report(verdict, trace);
  };
  const tell = () => void process.stderr.write(`${done.length} of ${runs} seeds, ${failed.length} failed, ${(done.length / seconds()).toFixed(1)} seeds/s\n`);
  const progress = setInterval(tell, PROGRESS_MS);
  const seeds = Array.from({ length: runs }, (_, index) => seed + index);
  const workers = Math.min(availableParallelism(), runs, WORKERS_MAX);
  try {
    await Promise.all(Array.from({ length: workers }, () => work(seeds, heard)));
  } finally {
    clearInterval(progress);
  }
  tell();
  const sum = (field: 'acts' | 'bookings' | 'kills') => done.reduce((total, verdict) => total + verdict[field], 0);
  return {
    ok: failed.length === 0,
    runs: done.length,
    failed: failed.map((verdict) => verdict.seed).sort((a, b) => a - b),
    acts: sum('acts'),
    bookings: sum('bookings'),
    kills: sum('kills'),
    seconds: Number(seconds().toFixed(1)),
    seedsPerSecond: Number((done.length / seconds()).toFixed(1)),
  };
}

function readArgs(args: string[]): { seed: number; runs: number; trace: boolean } {
  const { values } = parseArgs({
    args,
    options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '1000' }, trace: { type: 'boolean', default: false } },
  });
  const [seed, runs] = [Number(values.seed), Number(values.runs)];
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(runs) || seed < 0 || runs < 1) {
    throw new Refusal('USAGE', 'npm run simulate -- [--seed N] [--runs M] [--trace] [--json]');
  }
  return { seed, runs, trace: values.trace };
}

/** The simulation is no part of the product: it is compiled when it is asked for. */
function buildSimulation(): void {
  const tsc = join(root(), 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root(), 'test', 'simulation')], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the simulation does not compile');
}

/** One worker takes seeds until none is left. */
async function work(seeds: number[], heard: (verdict: Verdict) => void): Promise<void> {
  const worker = fork(join(root(), 'dist', 'simulation', 'test', 'simulation', 'worker.js'), { execArgv: WORKER_OPTIONS });
  try {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) heard(await verdictOf(worker, seed));
  } finally {
    worker.disconnect();
  }
}

function verdictOf(worker: ChildProcess, seed: number): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const died = () => reject(new Error(`the worker died at seed ${seed}`));
    worker.once('exit', died);
    worker.once('message', (verdict: Verdict) => {
      worker.off('exit', died);
      resolve(verdict);
    });
    worker.send(seed);
  });
}

function report({ seed, violations, trace }: Verdict, withTrace: boolean): void {
  const lines = withTrace ? trace : [];
  process.stderr.write([...lines, `seed ${seed}: ${violations.join('\n  ')}`, `again: npm run simulate -- --seed ${seed} --runs 1 --trace`, ''].join('\n'));
}
