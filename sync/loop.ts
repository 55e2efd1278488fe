import type { Logger } from 'pino';
import type { Database } from '../entities/database';
import type { Clock } from './clock';
import type { Growth } from './growth';
import { loggable } from './loggable';
import { sequence } from './sequencer';

const POLL_IDLE_MS = 500;

/** Runs the sequencer: after each commit of this process, and twice a second for those of others. */
export class SequencerLoop {
  private readonly stopping = new AbortController();
  private nap = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: { database: Database; clock: Clock; growth: Growth; log: Pick<Logger, 'error'> }) {}

  start(): void {
    this.running = this.loop();
  }

  /** A commit may have left changes without a place. */
  wake(): void {
    this.nap.abort();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { database, clock, growth, log } = this.options;
    while (!this.stopping.signal.aborted) {
      this.nap = new AbortController();
      const placed = await sequence(database).catch((error: unknown) => {
        log.error({ err: loggable(error) }, 'sequencing failed; trying again');
        return 0;
      });
      if (placed > 0) growth.notify();
      else await clock.wait(POLL_IDLE_MS, this.nap.signal);
    }
  }
}
