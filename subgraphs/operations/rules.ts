import { ClosedPeriodPolicy } from '../../entities/customers/LegalEntity';
import { ExceptionKind, ExceptionState } from '../../entities/operations/ExceptionItem';
import { type Posting, PostingState, SupersededReason } from '../../entities/operations/Posting';
import { tally } from '../../entities/money';
import { Refusal, unreachable } from '../../entities/refusal';
import type { ContractDocument, CreditMemoDocument, PostingDocument } from '../../sync/documents';

export type SyncState = 'IN_SYNC' | 'PENDING' | 'BLOCKED';
export type BackendState = 'NOT_APPLICABLE' | 'IN_SYNC' | 'PENDING' | 'UNCERTAIN' | 'REJECTED';

/** How many postings of a resource are in which state at a backend, and since when the oldest waits. */
export interface PostingCount {
  backend: string;
  state: PostingState;
  oldestMs: number;
}

/** A backend is as far as its worst posting. */
export function backendState(counts: readonly PostingCount[], backend: string): BackendState {
  const states = new Set(counts.filter((count) => count.backend === backend).map((count) => count.state));
  if (states.has(PostingState.REJECTED)) return 'REJECTED';
  if (states.has(PostingState.UNCERTAIN)) return 'UNCERTAIN';
  if (states.has(PostingState.PENDING)) return 'PENDING';
  return states.size > 0 ? 'IN_SYNC' : 'NOT_APPLICABLE';
}

/** BLOCKED if a person is needed, PENDING if machines are still at it, else IN_SYNC. */
export function syncState(counts: readonly PostingCount[], openExceptions: number): SyncState {
  if (openExceptions > 0 || counts.some((count) => count.state === PostingState.REJECTED)) return 'BLOCKED';
  return counts.some(isUnsettled) ? 'PENDING' : 'IN_SYNC';
}

export const isUnsettled = ({ state }: { state: PostingState }) => state === PostingState.PENDING || state === PostingState.UNCERTAIN;

/** Whole seconds the oldest unsettled posting has been waiting; 0 if none does. */
export function lagSeconds(counts: readonly PostingCount[], nowMs: number): number {
  const waiting = counts.filter((count) => isUnsettled(count) || count.state === PostingState.REJECTED).map((count) => count.oldestMs);
  return waiting.length === 0 ? 0 : Math.max(0, Math.floor((nowMs - Math.min(...waiting)) / 1_000));
}

/** Days past due → bucket of the ageing: 0 not due, then 1–30, 31–60, 61–90, over 90. */
export function ageingBucket(dueDate: string, today: string): 0 | 1 | 2 | 3 | 4 {
  const days = (Date.parse(`${today}T00:00:00Z`) - Date.parse(`${dueDate}T00:00:00Z`)) / 86_400_000;
  if (days <= 0) return 0;
  if (days <= 30) return 1;
  if (days <= 60) return 2;
  return days <= 90 ? 3 : 4;
}

/** The money that hangs on a document, if it carries any: its amount, or what a contract brings in one billing period. */
export function moneyOf({ kind, body }: Pick<PostingDocument, 'kind' | 'body'>): { minor: bigint; currency: string } | null {
  if (kind === 'contract' || kind === 'contractCheck') {
    const { lines, currency } = body as ContractDocument;
    const minor = lines.reduce((total, line) => total + BigInt(line.quantity) * BigInt(line.unitPriceMinor), 0n);
    return minor === 0n ? null : { minor, currency };
  }
  const { totalMinor, amountMinor, currency } = body as { totalMinor?: string; amountMinor?: string; currency?: string };
  const minor = totalMinor ?? amountMinor;
  return minor === undefined || currency === undefined ? null : { minor: BigInt(minor), currency };
}

/** The money on documents, added up by currency in the order the currencies come. */
export function moneyByCurrency(documents: readonly PostingDocument[]): { minor: bigint; currency: string }[] {
  const sums = new Map<string, bigint>();
  for (const document of documents) {
    const on = moneyOf(document);
    if (on) tally(sums, on.currency, on.minor);
  }
  return [...sums].map(([currency, minor]) => ({ minor, currency }));
}

/** What every event of a posting says of it. */
export const postingFacts = ({ backend, kind, resourceId, document }: Posting) => ({ backend, kind, resourceId, documentVersion: document.version });

/** A document with what its authority gave it: `of` is the invoice or credit memo itself, and what names it gets its number. */
export function finalDocument(document: PostingDocument, of: { id: string; number: string; taxes: Readonly<Record<string, string>> | null }): PostingDocument {
  const body = document.body as Partial<CreditMemoDocument>;
  if (document.externalId !== of.id) return { ...document, body: { ...body, ...(body.invoiceId === of.id && { invoiceNumber: of.number }) } as PostingDocument['body'] };
  const { authority: _, ...rest } = body;
  const final = { ...rest, number: of.number };
  if (of.taxes === null) return { ...document, body: final as PostingDocument['body'] };
  const lines = body.lines!.map((line) => ({ ...line, taxMinor: of.taxes![line.lineId] ?? line.taxMinor }));
  const tax = lines.reduce((sum, { taxMinor }) => sum + BigInt(taxMinor), 0n);
  return { ...document, body: { ...final, lines, taxMinor: tax.toString(), totalMinor: (BigInt(body.netMinor!) + tax).toString() } as PostingDocument['body'] };
}

/** Whose lane a posting waits in; null for a lane of no customer. */
export const customerOfLane = (lane: string): string | null => (/^cus_/.test(lane) ? lane.slice(0, 36) : null);

/** The code by which every connector says that the books no longer take a posting date. */
export const PERIOD_CLOSED = 'PERIOD_CLOSED';
/** A posting gets another date by policy this often at most; then a person is asked. */
export const REDATINGS_MAX = 12;
/** How long a posting waits for a closed period before it is tried again. */
export const HOLD_MS = 3_600_000;
/** A posting date lies at most so many days after the first open one: what is further off is a slip of the pen. */
export const POSTING_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

export type PeriodDecision = { act: 'REDATE'; to: string } | { act: 'WAIT' } | { act: 'ASK' };

/** What becomes of a posting whose date the books do not take, by the policy of its legal entity. */
export function decidePeriod({ policy, openFrom, redatings }: { policy: ClosedPeriodPolicy; openFrom: string | null; redatings: number }): PeriodDecision {
  switch (policy) {
    case ClosedPeriodPolicy.WAIT: return { act: 'WAIT' };
    case ClosedPeriodPolicy.NEXT_OPEN: return openFrom !== null && redatings < REDATINGS_MAX ? { act: 'REDATE', to: openFrom } : { act: 'ASK' };
    case ClosedPeriodPolicy.ASK: return { act: 'ASK' };
    default: return unreachable(policy);
  }
}

/** The first day a refused posting may be dated: the first open one, or the day after the refused one if nobody knows that. */
export function earliestPostingDate({ refusedDate, openFrom }: { refusedDate: string; openFrom: string | null }): string {
  return openFrom ?? dayAfter(refusedDate, 1);
}

/** Refuses POSTING_DATE_BEFORE_OPEN and POSTING_DATE_TOO_LATE. */
export function checkPostingDate(day: string, hold: { refusedDate: string; openFrom: string | null }): string {
  const earliest = earliestPostingDate(hold);
  if (day < earliest) throw new Refusal('POSTING_DATE_BEFORE_OPEN', `The books take nothing before ${earliest}.`, 'input.postingDate');
  const latest = dayAfter(earliest, POSTING_DAYS_MAX);
  if (day > latest) throw new Refusal('POSTING_DATE_TOO_LATE', `A posting date after ${latest} is more than ${POSTING_DAYS_MAX} days off.`, 'input.postingDate');
  return day;
}

const dayAfter = (day: string, days: number) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The mutations that help with an open exception, the most likely first. */
export function allowedActions({ kind, state }: { kind: ExceptionKind; state: ExceptionState }, proposed: boolean): string[] {
  if (state !== ExceptionState.OPEN) return [];
  const cure: Partial<Record<ExceptionKind, string[]>> = {
    [ExceptionKind.POSTING_REJECTED]: ['retryPosting'],
    [ExceptionKind.COMPENSATION_FAILED]: ['retryPosting'],
    [ExceptionKind.PERIOD_CLOSED]: [...(proposed ? ['approvePostingDate'] : []), 'proposePostingDate', 'retryPosting'],
    [ExceptionKind.UNMATCHED_PAYMENT]: ['applyPayment'],
  };
  return [...(cure[kind] ?? []), 'assignException', ...(kind === ExceptionKind.COMPENSATION_FAILED ? [] : ['resolveException'])];
}

/** Why a document that is taken back surely never was in a backend's books; undefined if it is, may be, or may be on its way. */
export function neverBooked({ state }: Pick<Posting, 'state'>, laneOwner: string | null): SupersededReason | undefined {
  if (state === PostingState.REJECTED) return SupersededReason.REJECTED;
  return state === PostingState.PENDING && laneOwner === null ? SupersededReason.NEVER_SENT : undefined;
}

/** Whether the backend has what a version said, or will have it without any later version. */
export function isStanding(version: Pick<Posting, 'state' | 'supersededReason'> | undefined): boolean {
  if (version?.state !== PostingState.SUPERSEDED) return version !== undefined;
  return version.supersededReason === SupersededReason.NOTHING_TO_UNDO;
}

/** Posting → its step: 0 for one that depends on none of the others, else one more than the last that it depends on. */
export function stepsOf(ids: readonly string[], dependencies: readonly { postingId: string; dependsOn: string }[]): Map<string, number> {
  const steps = new Map(ids.map((id) => [id, 0]));
  for (let changed = true, rounds = 0; changed && rounds < ids.length; rounds++) {
    changed = false;
    for (const { postingId, dependsOn } of dependencies) {
      const needed = steps.get(dependsOn);
      if (needed === undefined || needed < steps.get(postingId)!) continue;
      steps.set(postingId, needed + 1);
      changed = true;
    }
  }
  return steps;
}
