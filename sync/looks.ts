import type { Logger } from 'pino';
import type { Clock } from './clock';
import { loggable } from './loggable';

export interface LookOptions {
  clock: Clock;
  everyMs: number;
  /** One look; it may take as long as it needs, and ends soon when the signal aborts. */
  look: (stopping: AbortSignal) => Promise<unknown>;
  /** What the log says of a look that failed. */
  failing: string;
  log: Pick<Logger, 'error'>;
}

/** Looks again and again for work that time alone makes due, until it is stopped. A look that fails is logged, and the next one comes all the same. */
export class LookLoop {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: LookOptions) {}

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { clock, everyMs, look, failing, log } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await look(signal).catch((error: unknown) => log.error({ err: loggable(error) }, failing));
      await clock.wait(everyMs, signal);
    }
  }
}
