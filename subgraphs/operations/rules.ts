import { PostingState } from '../../entities/operations/Posting';
import type { PostingDocument } from '../../sync/documents';

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

/** The money that hangs on a document, if it carries any. */
export function moneyOf(document: PostingDocument): { minor: bigint; currency: string } | null {
  const { totalMinor, amountMinor, currency } = document.body as { totalMinor?: string; amountMinor?: string; currency?: string };
  const minor = totalMinor ?? amountMinor;
  return minor === undefined || currency === undefined ? null : { minor: BigInt(minor), currency };
}
