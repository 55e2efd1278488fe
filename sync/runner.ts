import type { Logger } from 'pino';
import type { Answer, Connector } from '../connectors/connector';
import type { Database } from '../entities/database';
import { type Posting, PostingState } from '../entities/operations/Posting';
import { type ClaimedLane, claimLanes, loadLane } from './claims';
import type { Clock } from './clock';
import { type Backend, BACKENDS } from './documents';
import { loggable } from './loggable';

const LANES_IN_FLIGHT_MAX = 8;
const LEASE_MS = 30_000;
/** A backend call ends well before the lease does, so that no late answer meets a new owner. */
const CALL_TIMEOUT_MS = 10_000;
const POLL_IDLE_MS = 500;
const RETRY_MAX_MS = 15_000;

/** Absent, but the look-up has left no time to send: the next claim looks again. */
const LEASE_ENDING: Answer = { outcome: 'UNCERTAIN', sent: true, code: 'LEASE_ENDING', message: 'Looking it up left no time to send it.' };

export const retryDelayMs = (failures: number) => Math.min(250 * 2 ** failures, RETRY_MAX_MS);

/** What the runner learned of one posting. */
export interface Outcome {
  postingId: string;
  answer: Answer;
}

/** What is written when a lane is given back: outcomes in the order they came, and when to try again. */
export interface Settlement {
  tenantId: string;
  lane: string;
  owner: string;
  fence: number;
  outcomes: Outcome[];
  retryInMs: number | null;
}

export interface RunnerOptions {
  database: Database;
  clock: Clock;
  connectors: Partial<Record<Backend, Connector>>;
  /** Names this process in leases. */
  owner: string;
  /** Writes a settlement in one transaction; refuses if the lease was lost. */
  settle(settlement: Settlement): Promise<void>;
  log: Pick<Logger, 'warn' | 'error'>;
  leaseMs?: number;
  callTimeoutMs?: number;
}

/** Brings postings to their backends: claims lanes, sends outside any transaction, settles under the fence. */
export class Runner {
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private wakes = new Map<Backend, () => void>();

  constructor(private readonly options: RunnerOptions) {}

  start(): void {
    for (const backend of BACKENDS) if (this.options.connectors[backend]) this.loops.push(this.loop(backend));
  }

  /** Something may be due. */
  wake(): void {
    for (const wake of this.wakes.values()) wake();
  }

  /** Stops claiming and waits for the lanes in flight. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await Promise.all(this.loops);
  }

  /** Claims and works one round of a backend's due lanes; returns how many. For tests and the command line. */
  async round(backend: Backend): Promise<number> {
    const lanes = await this.claim(backend, LANES_IN_FLIGHT_MAX);
    await Promise.all(lanes.map((lane) => this.work(backend, lane)));
    return lanes.length;
  }

  private async loop(backend: Backend): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    while (!this.stopping.signal.aborted) {
      const room = LANES_IN_FLIGHT_MAX - inFlight.size;
      const lanes = room === 0 ? [] : await this.claim(backend, room).catch((error) => this.failed(error));
      for (const lane of lanes) {
        const job: Promise<void> = this.work(backend, lane).finally(() => inFlight.delete(job));
        inFlight.add(job);
      }
      if (lanes.length === 0 || inFlight.size === LANES_IN_FLIGHT_MAX) await this.idle(backend, [...inFlight]);
    }
    await Promise.all(inFlight);
  }

  private failed(error: unknown): ClaimedLane[] {
    this.options.log.error({ err: loggable(error) }, 'claiming lanes failed; trying again');
    return [];
  }

  private async idle(backend: Backend, inFlight: Promise<void>[]): Promise<void> {
    const woken = new Promise<void>((resolve) => this.wakes.set(backend, resolve));
    const nap = new AbortController();
    await Promise.race([woken, this.options.clock.wait(POLL_IDLE_MS, nap.signal), ...inFlight]);
    nap.abort();
  }

  private claim(backend: Backend, lanes: number): Promise<ClaimedLane[]> {
    const { database, owner, clock, leaseMs = LEASE_MS } = this.options;
    return database.transaction((sql) => claimLanes(sql, { backend, owner, lanes, nowMs: clock.nowMs(), leaseMs }));
  }

  private async work(backend: Backend, lane: ClaimedLane): Promise<void> {
    const { database, owner, settle, log } = this.options;
    try {
      const waiting = await database.transaction((sql) => loadLane(sql, lane));
      const outcomes: Outcome[] = [];
      const posted = new Set<string>();
      let retryInMs: number | null = null;
      for (const { posting, waitsFor } of waiting) {
        if (waitsFor.some((id) => !posted.has(id))) continue;
        if (!this.mayCall(lane) || this.stopping.signal.aborted) break;
        const answer = await this.send(backend, posting, lane);
        outcomes.push({ postingId: posting.id, answer });
        if (answer.outcome === 'POSTED') posted.add(posting.id);
        if (answer.outcome !== 'UNCERTAIN') continue;
        retryInMs = Math.max(answer.retryAfterMs ?? 0, retryDelayMs(lane.failures));
        break;
      }
      await settle({ tenantId: lane.tenantId, lane: lane.id, owner, fence: lane.fence, outcomes, retryInMs });
    } catch (error) {
      log.warn({ err: loggable(error), lane: lane.id }, 'lane left to its lease');
    }
  }

  /** Whether a call that begins now ends within the lease. Asked before each call: what came before it may have taken long. */
  private mayCall(lane: ClaimedLane): boolean {
    const { clock, callTimeoutMs = CALL_TIMEOUT_MS } = this.options;
    return clock.nowMs() + callTimeoutMs < lane.leaseEndsMs;
  }

  private async send(backend: Backend, posting: Posting, lane: ClaimedLane): Promise<Answer> {
    const connector = this.options.connectors[backend]!;
    const call = <Result>(ask: (signal: AbortSignal) => Promise<Result>) => within(ask, this.options);
    if (posting.state === PostingState.UNCERTAIN) {
      const found = await call((signal) => connector.find(posting.document, signal));
      if (found.outcome !== 'ABSENT') return found;
      if (!this.mayCall(lane)) return LEASE_ENDING;
    }
    return call((signal) => connector.post(posting.document, signal));
  }
}

async function within<Result>(ask: (signal: AbortSignal) => Promise<Result>, options: RunnerOptions): Promise<Result> {
  const ended = new AbortController();
  const late = new AbortController();
  const { clock, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  void clock.wait(callTimeoutMs, ended.signal).then(() => late.abort());
  try {
    return await ask(late.signal);
  } finally {
    ended.abort();
  }
}
