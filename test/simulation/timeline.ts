import type { Answer } from '../../connectors/connector';
import type { Booking } from './backend';
import type { DocumentBodies, PostingDocument } from '../../sync/documents';

/** A document by its natural key, as the auditor's debts name it. Reversals are known by what they reverse. */
export function keyOf({ kind, externalId, version, body }: Pick<PostingDocument, 'kind' | 'externalId' | 'version' | 'body'>): string {
  const thing =
    kind === 'invoiceVoid' ? (body as DocumentBodies['invoiceVoid']).invoiceId
    : kind === 'unapplication' ? (body as DocumentBodies['unapplication']).applicationId
    : externalId;
  return `${kind} ${thing}@${version}`;
}

/** The same for one backend. */
export const slotOf = (document: PostingDocument) => `${document.backend} ${keyOf(document)}`;

/** A slot's thing and the version of it. */
function partsOf(slot: string): { thing: string; version: number } {
  const at = slot.lastIndexOf('@');
  return { thing: slot.slice(0, at), version: Number(slot.slice(at + 1)) };
}

/** What happened when, as seen from outside the product: bookings, settlements, retries. */
export class Timeline {
  readonly bookings: (Booking & { slot: string })[] = [];
  readonly violations: string[] = [];
  /** Slot → when its backend said no; when somebody sent it again. */
  private readonly setbacks = new Map<string, number[]>();
  private readonly retries = new Map<string, number[]>();
  private readonly retryAnswers = new Map<string, number[]>();
  private readonly postedAtMs = new Map<string, number>();
  /** Thing → its versions the product knows to be posted. */
  private readonly postedOf = new Map<string, { version: number; atMs: number }[]>();

  /** Called at the moment of booking; what must be in the books first must be there already. */
  booked(booking: Booking): void {
    const { document } = booking;
    const slot = slotOf(document);
    for (const needed of prerequisitesOf(document)) {
      if (!this.bookings.some((earlier) => needed(earlier.document))) this.violations.push(`${slot} was booked before what it depends on`);
    }
    this.bookings.push({ ...booking, slot });
  }

  setBack(slot: string, atMs: number): void {
    this.setbacks.set(slot, [...(this.setbacks.get(slot) ?? []), atMs]);
  }

  /** Somebody asks for it to be sent again. */
  retried(slot: string, atMs: number): void {
    this.retries.set(slot, [...(this.retries.get(slot) ?? []), atMs]);
  }

  /** Somebody was answered who had asked for that: when it took effect, only the two instants tell. */
  retryAnswered(slot: string, atMs: number): void {
    this.retryAnswers.set(slot, [...(this.retryAnswers.get(slot) ?? []), atMs]);
  }

  /** What the product took of a settlement. */
  settled(outcomes: readonly { slot: string; outcome: Answer['outcome'] }[], atMs: number): void {
    for (const { slot, outcome } of outcomes) {
      if (outcome === 'REJECTED') this.setBack(slot, atMs);
      if (outcome !== 'POSTED') continue;
      const { thing, version } = partsOf(slot);
      if (!this.postedAtMs.has(slot)) this.postedOf.set(thing, [...(this.postedOf.get(thing) ?? []), { version, atMs }]);
      this.postedAtMs.set(slot, Math.min(atMs, this.postedAtMs.get(slot) ?? Infinity));
      if (!this.bookings.some((booking) => isServedBy(slot, booking.slot))) this.violations.push(`${slot} is POSTED, but not in the books`);
    }
  }

  /** When the product learned that a document, or a later version of it, is in the books. */
  inBooksSince(slot: string): number {
    const { thing, version } = partsOf(slot);
    return Math.min(Infinity, ...(this.postedOf.get(thing) ?? []).filter((posted) => posted.version >= version).map(({ atMs }) => atMs));
  }

  /** Whether the product learned of a later version without ever learning of this one. */
  wasOvertaken(slot: string, atMs: number): boolean {
    return this.inBooksSince(slot) <= atMs && !((this.postedAtMs.get(slot) ?? Infinity) <= atMs);
  }

  /** Whether the last thing a backend said of a document was no, and nobody has sent it again since. */
  isRejected(slot: string, atMs: number): boolean {
    const until = (list: number[] | undefined) => Math.max(-Infinity, ...(list ?? []).filter((time) => time <= atMs));
    return until(this.setbacks.get(slot)) > until(this.retries.get(slot));
  }

  /** Whether a document was turned down or sent again within a span of time. */
  wasSetBack(slot: string, span: { fromMs: number; toMs: number }): boolean {
    const times = [this.setbacks, this.retries, this.retryAnswers].flatMap((list) => list.get(slot) ?? []);
    return times.some((atMs) => atMs >= span.fromMs && atMs <= span.toMs);
  }
}

/** Whether a booking brings what a slot stands for into the books: itself, or a later version of it. */
export function isServedBy(slot: string, booked: string): boolean {
  if (slot === booked) return true;
  const [wanted, has] = [partsOf(slot), partsOf(booked)];
  return wanted.thing === has.thing && wanted.version <= has.version;
}

type Test = (earlier: PostingDocument) => boolean;

/** What must have been booked before a document, by the auditor's own understanding of the business. */
function prerequisitesOf(document: PostingDocument): Test[] {
  const { backend, kind, body, externalId, version } = document;
  const here = (neededKind: string, id: string | null): Test => (earlier) => earlier.backend === backend && earlier.kind === neededKind && earlier.externalId === id;
  const versionOf = (neededKind: string, where: string): Test => (earlier) =>
    earlier.backend === where && earlier.kind === neededKind && earlier.externalId === externalId && earlier.version >= version;
  const checked = versionOf('contractCheck', 'erp');
  const billed = versionOf('contract', 'billing');
  switch (kind) {
    case 'customer': case 'revenueJournal': case 'usage': return [];
    case 'contractCheck': return [here('customer', (body as DocumentBodies['contractCheck']).customerId)];
    case 'contract': return [here('customer', (body as DocumentBodies['contract']).customerId), checked, ...(backend === 'crm' ? [billed] : [])];
    case 'entitlement': return [checked, billed, versionOf('contract', 'crm')];
    case 'invoice': return [here('customer', (body as DocumentBodies['invoice']).customerId)];
    case 'payment': return [here('customer', (body as DocumentBodies['payment']).customerId)];
    case 'creditMemo': case 'invoiceVoid': return [here('invoice', (body as DocumentBodies['creditMemo']).invoiceId)];
    case 'application': {
      const { paymentId, invoiceId } = body as DocumentBodies['application'];
      return [here('payment', paymentId), here('invoice', invoiceId)];
    }
    case 'unapplication': return [here('application', (body as DocumentBodies['unapplication']).applicationId)];
  }
}
