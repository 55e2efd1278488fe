import { ExceptionItem, type ExceptionKind, ExceptionState } from '../../../entities/operations/ExceptionItem';
import { move } from '../../move';
import type { Work } from '../../work';
import { exceptionRaised, exceptionResolved } from '../events';
import { EXCEPTION_MOVES } from '../states';

export interface Cause {
  kind: ExceptionKind;
  subjectId: string;
  /** Tells causes of one subject apart. */
  detail?: string;
  customerId: string | null;
  message: string;
  nextAction: string;
  atRisk: { minor: bigint; currency: string } | null;
}

/** Puts a cause into the exception queue; the same cause again reopens its exception. */
export async function raiseException(work: Work, cause: Cause): Promise<ExceptionItem> {
  const id = idOf(work, cause);
  const existing = await work.peek(ExceptionItem, id);
  const item = existing ? await work.lock(ExceptionItem, id) : Object.assign(new ExceptionItem(), { id, state: ExceptionState.OPEN, owner: null });
  item.state = move(EXCEPTION_MOVES, item.state, 'raise');
  const { kind, subjectId, customerId, nextAction, atRisk } = cause;
  Object.assign(item, { kind, subjectId, customerId, nextAction, resolution: null, resolvedAtMs: null });
  Object.assign(item, { message: cause.message.slice(0, 500), currency: atRisk?.currency ?? null, atRiskMinor: atRisk?.minor ?? null });
  if (existing) work.change(item);
  else work.add(item);
  work.tell(exceptionRaised(item, factsOf(item)));
  return item;
}

/** Whether the exception of a cause is open. */
export async function isRaised(work: Work, cause: Pick<Cause, 'kind' | 'subjectId' | 'detail'>): Promise<boolean> {
  return (await work.peek(ExceptionItem, idOf(work, cause)))?.state === ExceptionState.OPEN;
}

/** The cause is gone: its exception, if one is open, is resolved without anybody. */
export async function causeGone(work: Work, cause: Pick<Cause, 'kind' | 'subjectId' | 'detail'>, resolution: string): Promise<void> {
  const existing = await work.peek(ExceptionItem, idOf(work, cause));
  if (existing?.state !== ExceptionState.OPEN) return;
  closeException(work, await work.lock(ExceptionItem, existing.id), resolution);
}

const RESOLUTION_MAX = 191;

/** Resolves a locked exception. */
export function closeException(work: Work, item: ExceptionItem, text: string): ExceptionItem {
  const resolution = text.slice(0, RESOLUTION_MAX);
  item.state = move(EXCEPTION_MOVES, item.state, 'resolve');
  Object.assign(item, { resolution, resolvedAtMs: work.nowMs });
  work.change(item);
  work.tell(exceptionResolved(item, { ...factsOf(item), resolution }));
  return item;
}

function idOf(work: Work, { kind, subjectId, detail }: Pick<Cause, 'kind' | 'subjectId' | 'detail'>): string {
  return work.id('exc', { system: 'evenkeel', type: kind, key: detail ? `${subjectId}/${detail}` : subjectId });
}

export function factsOf(item: ExceptionItem) {
  const { kind, subjectId, owner, currency, atRiskMinor } = item;
  const moneyAtRisk = currency === null || atRiskMinor === null ? null : { amountMinor: atRiskMinor.toString(), currency };
  return { kind, subjectId, owner, moneyAtRisk };
}
