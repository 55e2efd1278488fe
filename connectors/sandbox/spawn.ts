import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Clock } from '../../sync/clock';

export const START_MS_MAX = 30_000;
export const STOP_MS_MAX = 5_000;
const STARTING_CHARS_MAX = 10_000;

/** The sandbox as a child process; it ends when this process ends, however that happens. */
export interface SpawnedSandbox {
  url: string;
  pid: number;
  /** Closes the books and waits for the end. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/** Starts the sandbox beside this process, from compiled files or from TypeScript sources, whichever this file is. */
export async function spawnSandbox({ folder, clock }: { folder: string; clock: Clock }): Promise<SpawnedSandbox> {
  const child = spawn(process.execPath, childArguments(), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, EVENKEEL_SANDBOX_DATA: folder, EVENKEEL_SANDBOX_TIED: '1', EVENKEEL_SANDBOX_PORT: '0', NODE_OPTIONS: '' },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async () => {
    child.stdin.end();
    if (!(await within(clock, STOP_MS_MAX, ended))) await kill();
  };
  const address = firstLine(child);
  if (!(await within(clock, START_MS_MAX, address.then(() => undefined)))) {
    await kill();
    throw new Error(`The sandbox did not start in ${START_MS_MAX} ms.`);
  }
  child.stdout.resume();
  child.stderr.resume();
  return { url: await address, pid: child.pid!, stop, kill };
}

/** Heap limits that keep the sandbox below 70 MB while it books. */
function childArguments(): string[] {
  const limits = ['--max-semi-space-size=1', '--max-old-space-size=128', '--optimize-for-size'];
  if (!__filename.endsWith('.ts')) return [...limits, path.join(__dirname, 'main.js')];
  return [...limits, path.join(__dirname, '../../test/harness/run-ts.cjs'), path.join(__dirname, 'main.ts')];
}

/** The address that the child prints; rejects with what it wrote if it ends or fails first. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    let err = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      if (out.includes('\n')) return;
      out += String(chunk);
      const line = out.slice(0, out.indexOf('\n') + 1);
      if (line) resolve((JSON.parse(line) as { sandbox: string }).sandbox);
    });
    child.stderr!.on('data', (chunk: Buffer) => (err = (err + String(chunk)).slice(-STARTING_CHARS_MAX)));
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`The sandbox ended with ${code}: ${err}`)));
  });
}

/** Whether it happened before the time was up; its failure passes through. */
async function within(clock: Clock, ms: number, happens: Promise<void>): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([happens.then(() => true), clock.wait(ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}
