import type { Clock } from '../../sync/clock';
import type { Backend } from '../../sync/documents';
import type { FaultBoard } from './faults';
import type { Jobs } from './jobs';
import type { Settings } from './settings';
import type { Store } from './store';

/** The sandbox while it runs. Faults, settings and tallies live in memory; the books are in the store. */
export interface World {
  store: Store;
  faults: FaultBoard;
  settings: Settings;
  jobs: Jobs;
  tallies: Record<Backend, Tally>;
  clock: Clock;
  /** Aborts when the sandbox closes, so that no slow answer outlives it. */
  closing: AbortSignal;
}

/** What one backend did since it started. A line of a batch is a post. */
export interface Tally {
  posts: number;
  batches: number;
  finds: number;
  booked: number;
  refused: number;
  faulted: number;
}
