import type { Answer } from '../connectors/connector';
import type { Posting } from '../entities/operations/Posting';
import type { ClaimedLane } from './claims';

/** What a runner learned of one posting. The posting is as it was loaded, and is no part of what is written. */
export class Outcome {
  readonly postingId: string;
  readonly #posting: Posting;

  constructor(posting: Posting, readonly answer: Answer) {
    this.postingId = posting.id;
    this.#posting = posting;
  }

  get posting(): Posting {
    return this.#posting;
  }
}

/** What is written when a lane is given back: outcomes in the order they came, and when to try again. */
export interface Settlement {
  lane: ClaimedLane;
  owner: string;
  outcomes: Outcome[];
  retryInMs: number | null;
  /** What the claim left in the lane: nothing, more than was loaded, or postings that wait for others. */
  rest: 'NOTHING' | 'MORE' | 'WAITING';
}

/** Writes settlements of one tenant in one transaction; names the lanes that the owner had lost, of which nothing is an outcome. */
export type Settle = (tenantId: string, settlements: Settlement[]) => Promise<{ lost: string[] }>;
