import type { Clock } from './clock';

/** How often open calls are looked at, as a part of the time they have. */
const LOOKS = 8;

/**
 * Ends calls that take too long. One timer looks at all that are open: a timer and two signals for each call would cost as much as the rest of
 * a quick one. A call is ended before its time is over, by an eighth of it at most.
 */
export class Deadline {
  private readonly open = new Set<{ beganMs: number; late: AbortController }>();
  private looking = false;
  private readonly stopped = new AbortController();

  constructor(
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  async within<Result>(ask: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const call = { beganMs: this.clock.nowMs(), late: new AbortController() };
    this.open.add(call);
    if (!this.looking) void this.look();
    try {
      return await ask(call.late.signal);
    } finally {
      this.open.delete(call);
    }
  }

  /** Ends the timer once no call is open. */
  stop(): void {
    this.stopped.abort();
  }

  private async look(): Promise<void> {
    this.looking = true;
    const everyMs = Math.max(Math.floor(this.timeoutMs / LOOKS), 1);
    while (this.open.size > 0) {
      await this.clock.wait(everyMs, this.stopped.signal.aborted ? undefined : this.stopped.signal);
      const beforeMs = this.clock.nowMs() - this.timeoutMs + everyMs;
      for (const { beganMs, late } of this.open) if (beganMs <= beforeMs) late.abort();
    }
    this.looking = false;
  }
}
