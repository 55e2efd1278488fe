import type { Clock } from './clock';
import type { LogSignal } from './feed';

/** How long the growth that another process caused may stay unnoticed. */
const POLL_MS = 250;

/** Wakes those who follow the change log: at once when this process made it grow, else by polling. */
export class Growth implements LogSignal {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** The log has grown. */
  notify(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  async grown(signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    const wake = () => done.abort();
    this.waiting.add(wake);
    await this.clock.wait(POLL_MS, either);
    this.waiting.delete(wake);
  }
}
