import type { Logger } from 'pino';
import type { Database } from '../entities/database';
import type { Clock } from './clock';
import type { Growth } from './growth';
import { loggable } from './loggable';
import { hasUnplaced, trySequence } from './sequencer';

/** A process places what it commits itself; by polling it finds what others left behind when they died. */
const POLL_IDLE_MS = 500;
/** While another process places changes, this one looks again soon: it may have read before our commit. */
const BUSY_MS = 10;

export interface SequencerOptions {
  database: Database;
  clock: Clock;
  growth: Growth;
  log: Pick<Logger, 'error'>;
  /** Called when changes were given their places, so that other processes can be told. */
  onPlaced?(): void;
}

/** Runs the sequencer: after each commit of this process, and when a look twice a second finds changes without a place. */
export class SequencerLoop {
  private readonly stopping = new AbortController();
  private nap = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: SequencerOptions) {}

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
    const { database, clock, growth, log, onPlaced } = this.options;
    const failed = (error: unknown) => {
      log.error({ err: loggable(error) }, 'sequencing failed; trying again');
      return 0;
    };
    while (!this.stopping.signal.aborted) {
      this.nap = new AbortController();
      const placed = await trySequence(database).catch(failed);
      if (placed === null) await clock.wait(BUSY_MS);
      else if (placed > 0) {
        growth.notify();
        onPlaced?.();
      } else await this.rest();
    }
  }

  /** Until this process commits, or a look finds something. */
  private async rest(): Promise<void> {
    const { database, clock } = this.options;
    const { signal } = this.nap;
    do await clock.wait(POLL_IDLE_MS, signal);
    while (!signal.aborted && !(await hasUnplaced(database.reads).catch(() => true)));
  }
}
