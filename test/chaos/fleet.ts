import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../sync/clock';

const MAIN = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

/** Runner processes that die and are born again. */
export class Fleet {
  private readonly runners = new Set<ChildProcess>();
  kills = 0;
  stops = 0;
  private closed = false;

  constructor(
    private readonly env: Record<string, string>,
    private readonly size: number,
  ) {}

  start(): void {
    while (this.runners.size < this.size) this.born();
  }

  private born(): void {
    const child = spawn(process.execPath, [MAIN, 'start'], { env: { ...process.env, ...this.env, EVENKEEL_ROLE: 'runner' }, stdio: ['ignore', 'ignore', 'inherit'] });
    this.runners.add(child);
    child.once('exit', () => {
      this.runners.delete(child);
      if (!this.closed) this.born();
    });
  }

  /** Kills one runner without a goodbye; another takes its place. */
  kill(): void {
    const child = this.any();
    if (child?.kill('SIGKILL')) this.kills++;
  }

  /** Freezes one runner for longer than its lease, then lets it go on as if nothing had been. */
  async freeze(ms: number): Promise<void> {
    const child = this.any();
    if (!child?.kill('SIGSTOP')) return;
    this.stops++;
    await systemClock.wait(ms);
    child.kill('SIGCONT');
  }

  private any(): ChildProcess | undefined {
    const all = [...this.runners];
    return all[randomInt(all.length || 1)];
  }

  async close(): Promise<void> {
    this.closed = true;
    const gone = [...this.runners].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.runners) child.kill('SIGKILL');
    await Promise.all(gone);
  }
}
