import type { Clock } from './clock';
import type { LogSignal } from './feed';

/** How often to look for what other processes did, if nobody tells. */
export const POLL_UNTOLD_MS = 75;

/**
 * Wakes those who follow the change log: at once when this process made it grow or was told, else by polling. However many
 * follow, one statement a poll looks for all of them, and none while nobody follows.
 */
export class Growth implements LogSignal {
  /** How long the next poll may wait. */
  pollMs: () => number = () => POLL_UNTOLD_MS;
  private readonly waiting = new Set<() => void>();
  private polling = false;
  /** The last place that a poll saw; none before the first, which therefore wakes everybody. */
  private seen: number | undefined;

  /** `lastPlace` reads the last place given in the log, by whatever process. */
  constructor(private readonly clock: Clock, private readonly lastPlace: () => Promise<number>) {}

  /** The log has grown. */
  notify(): void {
    for (const wake of [...this.waiting]) wake();
  }

  grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.waiting.add(wake);
      if (!this.polling) void this.poll();
    });
  }

  /** Looks until nobody waits any more. A look that fails wakes them: what is wrong they find out by reading. */
  private async poll(): Promise<void> {
    this.polling = true;
    while (this.waiting.size > 0) {
      await this.clock.wait(this.pollMs());
      if (this.waiting.size === 0) break;
      const last = await this.lastPlace().catch(() => undefined);
      if (last === undefined || last !== this.seen) this.notify();
      this.seen = last;
    }
    this.polling = false;
  }
}
