import type { Logger } from 'pino';
import type { Answer, Connector } from '../connectors/connector';
import type { Database } from '../entities/database';
import { type Posting, PostingState } from '../entities/operations/Posting';
import { Batches, BATCH_LINGER_MS } from './batches';
import { CHANNELS_PER_CLAIM_MAX, channelsOf, type DueChannel } from './channels';
import { type ClaimedLane, claimLanes, type WantedChannel } from './claims';
import type { Clock } from './clock';
import { Deadline } from './deadline';
import type { Backend } from './documents';
import { Allowance, type BackendLimits } from './limits';
import { loggable } from './loggable';
import { loadLanes, PAGE_ROWS, type Waiting } from './pages';
import { Outcome, type Settlement } from './settlement';
import type { Settler } from './settler';
import { type Calls, Hands, Slots } from './slots';

const LANES_IN_HAND_MAX = 512;
const LANES_PER_CLAIM_MAX = 64;
/** A channel whose breaker is open is passed over for so long, lest many of them keep others from being looked at. */
const REFUSED_MS = 500;
const RETRY_MAX_MS = 15_000;

/** Absent, but the look-up has left no time to send: the next claim looks again. */
const LEASE_ENDING: Answer = { outcome: 'UNCERTAIN', sent: true, code: 'LEASE_ENDING', message: 'Looking it up left no time to send it.' };

export const retryDelayMs = (failures: number) => Math.min(250 * 2 ** failures, RETRY_MAX_MS);

export interface DispatcherOptions {
  database: Database;
  clock: Clock;
  backend: Backend;
  connector: Connector;
  owner: string;
  settler: Settler;
  log: Pick<Logger, 'error' | 'warn'>;
  leaseMs: number;
  callTimeoutMs: number;
  calls: Calls;
  limits: BackendLimits | undefined;
  /** How long it may sleep when nobody wakes it. */
  pollIdleMs(): number;
}

interface Job {
  lane: ClaimedLane;
  page: Waiting[];
  /** The page was cut short by the rate. */
  isCut: boolean;
}

/** Brings the documents of one backend there: claims lanes of its channels, sends outside any transaction, settles under the fence. */
export class Dispatcher {
  private readonly stopping = new AbortController();
  private readonly calls: Deadline;
  private readonly slots: Slots;
  private readonly batches: Batches | undefined;
  private readonly hands: Hands;
  private readonly refused = new Map<string, number>();
  private awake: (() => void) | undefined;
  private isWoken = false;
  /** When something will be due. */
  private nextMs = Infinity;

  constructor(private readonly options: DispatcherOptions) {
    const { calls, connector, clock, callTimeoutMs } = options;
    this.calls = new Deadline(clock, callTimeoutMs);
    this.slots = new Slots(calls);
    this.hands = new Hands(calls.perChannel);
    this.batches = connector.batch && new Batches(connector.batch, { clock, within: (ask) => this.calls.within(ask) });
  }

  /** Something may be due. */
  wake(): void {
    this.isWoken = true;
    this.awake?.();
  }

  stop(): void {
    this.stopping.abort();
    this.calls.stop();
    this.wake();
  }

  /** Claims and works what is due now, once; returns how many lanes that was. */
  async round(): Promise<number> {
    const jobs = await this.claim();
    await Promise.all(jobs.map((job) => this.work(job)));
    return jobs.length;
  }

  /** Works until it is stopped, then ends what is in hand. */
  async run(): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    while (!this.stopping.signal.aborted) {
      this.isWoken = false;
      const jobs = await this.claim().catch((error: unknown) => this.failed(error));
      for (const job of jobs) {
        const done: Promise<void> = this.work(job).finally(() => inFlight.delete(done));
        inFlight.add(done);
      }
      if (jobs.length === 0 && !this.isWoken) await this.idle();
    }
    await Promise.all(inFlight);
  }

  private failed(error: unknown): Job[] {
    this.options.log.error({ err: loggable(error) }, 'claiming lanes failed; trying again');
    return [];
  }

  private async idle(): Promise<void> {
    const { clock, pollIdleMs } = this.options;
    const woken = new Promise<void>((resolve) => (this.awake = resolve));
    const nap = new AbortController();
    const untilDueMs = Math.max(this.nextMs - clock.nowMs(), 1);
    await Promise.race([woken, clock.wait(Math.min(pollIdleMs(), untilDueMs), nap.signal)]);
    nap.abort();
    this.awake = undefined;
  }

  private async claim(): Promise<Job[]> {
    const { database, clock, backend, owner, leaseMs, callTimeoutMs, limits } = this.options;
    const channels = await channelsOf(database.reads, backend);
    this.slots.share(channels.length);
    const nowMs = clock.nowMs();
    this.nextMs = channels.find(({ dueMs }) => dueMs > nowMs)?.dueMs ?? Infinity;
    const wanted = this.wanted(channels.filter(({ dueMs }) => dueMs <= nowMs), nowMs);
    if (wanted.length === 0) return [];
    const jobs = await database.transaction(async (sql) => {
      const allowance = limits && (await Allowance.of(sql, { backend, limits, nowMs }));
      const { lanes, refused } = await claimLanes(sql, { owner, nowMs, leaseMs, probeMs: 2 * callTimeoutMs, wanted: allowance?.lanes(wanted) ?? wanted });
      this.remember(refused, nowMs);
      const pages = await loadLanes(sql, lanes);
      const taken = (await allowance?.take(pages)) ?? pages;
      if (allowance && allowance.nextMs > nowMs) this.nextMs = Math.min(this.nextMs, allowance.nextMs);
      return lanes.map((lane, index) => ({ lane, page: taken[index]!, isCut: taken[index]!.length < pages[index]!.length }));
    });
    for (const { lane } of jobs) this.hands.take(lane.channel);
    return jobs;
  }

  /** Due channels with the lanes there is room for, those due the longest first; what its breaker has just refused is not asked again at once. */
  private wanted(due: readonly DueChannel[], nowMs: number): WantedChannel[] {
    const wanted: WantedChannel[] = [];
    let room = Math.min(LANES_PER_CLAIM_MAX, LANES_IN_HAND_MAX - this.hands.full);
    for (const channel of due) {
      const lanes = Math.min(this.hands.room(channel.name), room);
      if (lanes === 0 || (this.refused.get(channel.name) ?? 0) > nowMs) continue;
      wanted.push({ channel, lanes });
      room -= lanes;
      if (wanted.length === CHANNELS_PER_CLAIM_MAX) break;
    }
    return wanted;
  }

  private remember(refused: readonly string[], nowMs: number): void {
    for (const [name, untilMs] of this.refused) if (untilMs <= nowMs) this.refused.delete(name);
    for (const name of refused) this.refused.set(name, nowMs + REFUSED_MS);
  }

  private async work({ lane, page, isCut }: Job): Promise<void> {
    const { settler, owner, clock } = this.options;
    const beganMs = clock.nowMs();
    try {
      const outcomes: Outcome[] = [];
      const retryInMs = await this.send(lane, page, outcomes);
      await settler.add({ lane, owner, outcomes, retryInMs, rest: restOf(page, { isCut, settled: outcomes.length }) });
    } finally {
      if (this.hands.release(lane.channel, clock.nowMs() - beganMs)) this.wake();
    }
  }

  /** Sends what is free to go, in order; returns when to try again, or null. */
  private async send(lane: ClaimedLane, page: readonly Waiting[], outcomes: Outcome[]): Promise<number | null> {
    const posted = new Set<string>();
    for (const { posting, waitsFor } of page) {
      if (waitsFor.some((id) => !posted.has(id))) continue;
      const hangUp = await this.slots.acquire(lane.channel);
      try {
        if (!this.mayCall(lane) || this.stopping.signal.aborted) return null;
        const answer = await this.sendOne(posting, lane);
        outcomes.push(new Outcome(posting, answer));
        if (answer.outcome === 'POSTED') posted.add(posting.id);
        if (answer.outcome === 'UNCERTAIN') return Math.max(answer.retryAfterMs ?? 0, retryDelayMs(lane.failures));
      } finally {
        hangUp();
      }
    }
    return null;
  }

  /** Whether a call that begins now ends within the lease. Asked before each call: what came before it may have taken long. */
  private mayCall(lane: ClaimedLane): boolean {
    const { clock, callTimeoutMs } = this.options;
    return clock.nowMs() + callTimeoutMs + BATCH_LINGER_MS < lane.leaseEndsMs;
  }

  private async sendOne(posting: Posting, lane: ClaimedLane): Promise<Answer> {
    const { connector } = this.options;
    if (posting.state === PostingState.UNCERTAIN) {
      const found = await this.calls.within((signal) => connector.find(posting.document, signal));
      if (found.outcome === 'POSTED') return { ...found, found: true };
      if (found.outcome !== 'ABSENT') return found;
      if (!this.mayCall(lane)) return LEASE_ENDING;
    }
    if (this.batches) return this.batches.post(lane.channel, posting.document);
    return this.calls.within((signal) => connector.post(posting.document, signal));
  }
}

function restOf(page: readonly Waiting[], { isCut, settled }: { isCut: boolean; settled: number }): Settlement['rest'] {
  if (isCut || (settled > 0 && page.length === PAGE_ROWS)) return 'MORE';
  return settled === page.length ? 'NOTHING' : 'WAITING';
}
