import type { Answer, Connector, Finding, Posted, Rejected, Uncertain } from '../../connectors/connector';
import { type Backend, type DocumentKind, type PostingDocument, UPSERT_KINDS } from '../../sync/documents';
import type { Random } from './random';
import type { SimulatedTime } from './time';

/** One write into a backend's books. */
export interface Booking {
  atMs: number;
  document: PostingDocument;
}

export type Fault = 'none' | 'slow' | 'refusedConnection' | 'lostRequest' | 'cutAfterCommit' | 'throttled' | 'busy' | 'garbage' | 'rejected' | 'hang';
export const FAULTS: readonly Fault[] = ['slow', 'refusedConnection', 'lostRequest', 'cutAfterCommit', 'throttled', 'busy', 'garbage', 'rejected', 'hang'];

export interface Weather {
  /** Fault → weight; empty when all is healed. */
  faults: Partial<Record<Fault, number>>;
  /** Backends nobody can reach. */
  down: Set<Backend>;
  /** A backend that takes no document of a kind until somebody mends it. */
  refuses: { backend: Backend; kind: DocumentKind } | null;
  /** The books of one legal entity in one backend hang, and those of no other. */
  hangs: { backend: Backend; entity: string } | null;
  /** Books that take nothing up to a day until somebody opens them; they may tell from when on they are open. */
  closed: { backend: Backend; until: string; openFrom: string | null } | null;
}

interface Surroundings {
  time: SimulatedTime;
  random: Random;
  weather: Weather;
  callTimeoutMs: number;
  note(text: string): void;
  booked(booking: Booking): void;
  rejected(document: PostingDocument): void;
}

/** The accounting date of a document, or null if it has none. */
function dayOf({ postingDate, body }: PostingDocument): string | null {
  const { invoiceDate, receivedDate, appliedDate } = body as { invoiceDate?: string; receivedDate?: string; appliedDate?: string };
  return postingDate ?? invoiceDate ?? receivedDate ?? appliedDate ?? null;
}

/**
 * A backend without any idempotency: a document sent twice is booked twice. What it books, it books at the moment of the call; the
 * answer may come late, mutilated, twice or never.
 */
export class FakeBackend implements Connector {
  readonly bookings: Booking[] = [];

  constructor(
    readonly name: Backend,
    private readonly around: Surroundings,
  ) {}

  post(document: PostingDocument, signal: AbortSignal): Promise<Answer> {
    const { random, callTimeoutMs, note } = this.around;
    const fault = this.isRefused(document) || this.isClosedFor(document) ? 'rejected' : this.faultFor(document, 100);
    note(`${this.name} ${fault} ${document.kind} ${document.externalId}@${document.version}`);
    const quickMs = random.between(1, Math.floor(callTimeoutMs / 4));
    const doubt = (code: string, sent: boolean): Uncertain => ({ outcome: 'UNCERTAIN', sent, code, message: `simulated ${fault}` });
    switch (fault) {
      case 'none': return this.answer(this.book(document), quickMs, signal);
      case 'slow': return this.answer(this.book(document), random.between(callTimeoutMs / 2, callTimeoutMs * 2), signal);
      case 'refusedConnection': return this.answer(doubt('CONNECTION_REFUSED', false), 1, signal);
      case 'lostRequest': return this.answer(doubt('CONNECTION_LOST', true), quickMs, signal);
      case 'cutAfterCommit': this.book(document); return this.answer(doubt('CONNECTION_LOST', true), quickMs, signal);
      case 'throttled': return this.answer({ ...doubt('THROTTLED', false), retryAfterMs: random.between(50, 1_500) }, quickMs, signal);
      case 'busy':
        if (random.chance(300)) this.book(document);
        return this.answer({ ...doubt('BUSY', true), retryAfterMs: random.between(50, 1_500) }, quickMs, signal);
      case 'garbage':
        if (random.chance(500)) this.book(document);
        return this.answer(doubt('ANSWER_UNREADABLE', true), quickMs, signal);
      case 'rejected': this.around.rejected(document); return this.answer(this.refusalOf(document), quickMs, signal);
      case 'hang':
        if (random.chance(500)) this.book(document);
        return this.answer(doubt('TIMED_OUT', true), Infinity, signal);
    }
  }

  find(document: PostingDocument, signal: AbortSignal): Promise<Finding> {
    const { random, callTimeoutMs, note } = this.around;
    const fault = this.faultFor(document, 200);
    const held = this.holds(document);
    note(`${this.name} find ${fault} ${held} ${document.kind} ${document.externalId}@${document.version}`);
    const truth: Finding = held ? this.receipt(document) : { outcome: 'ABSENT' };
    const doubt: Uncertain = { outcome: 'UNCERTAIN', sent: false, code: 'LOOK_UP_FAILED', message: `simulated ${fault}` };
    if (fault === 'hang') return this.answer(doubt, Infinity, signal);
    if (fault === 'none') return this.answer(truth, random.between(1, 30), signal);
    if (fault === 'slow') return this.answer(truth, random.between(callTimeoutMs / 2, callTimeoutMs * 2), signal);
    return this.answer(doubt, random.between(1, 30), signal);
  }

  private faultFor(document: PostingDocument, soundWeight: number): Fault {
    const { random, weather } = this.around;
    const { down, hangs, faults } = weather;
    if (down.has(this.name)) return 'refusedConnection';
    if (hangs?.backend === this.name && hangs.entity === document.legalEntity?.code) return 'hang';
    return random.weighted<Fault>({ none: soundWeight, ...faults });
  }

  private isRefused({ kind, version }: PostingDocument): boolean {
    const { refuses } = this.around.weather;
    return refuses?.backend === this.name && refuses.kind === kind && version > 1;
  }

  private isClosedFor(document: PostingDocument): boolean {
    const { closed } = this.around.weather;
    const day = dayOf(document);
    return closed?.backend === this.name && day !== null && day <= closed.until;
  }

  private refusalOf(document: PostingDocument): Rejected {
    const { openFrom } = this.around.weather.closed ?? {};
    if (!this.isClosedFor(document)) return { outcome: 'REJECTED', code: 'SIMULATED', message: 'Not today.' };
    return { outcome: 'REJECTED', code: 'PERIOD_CLOSED', message: 'Closed.', ...(openFrom ? { openFrom } : {}) };
  }

  private holds({ kind, externalId, version }: PostingDocument): boolean {
    const least = UPSERT_KINDS.has(kind) ? version : 0;
    return this.bookings.some(({ document }) => document.kind === kind && document.externalId === externalId && document.version >= least);
  }

  private book(document: PostingDocument): Posted {
    const booking = { atMs: this.around.time.nowMs, document };
    this.bookings.push(booking);
    this.around.booked(booking);
    return this.receipt(document);
  }

  private receipt({ externalId }: PostingDocument): Posted {
    return { outcome: 'POSTED', reference: `${this.name}-${externalId}` };
  }

  /** The answer after a while, twice for good measure; when the caller gives up first, nobody knows. */
  private answer<Said extends { outcome: string }>(said: Said, afterMs: number, signal: AbortSignal): Promise<Said | Uncertain> {
    return new Promise((resolve) => {
      const cancel = afterMs === Infinity ? () => undefined : this.around.time.after(afterMs, () => (resolve(said), resolve(said)));
      const giveUp = () => (cancel(), resolve({ outcome: 'UNCERTAIN', sent: true, code: 'TIMED_OUT', message: 'no answer in time' }));
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
