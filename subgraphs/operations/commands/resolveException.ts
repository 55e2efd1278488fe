import { ExceptionItem, ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { ResolveExceptionInput } from '../api';
import { closeException } from './raiseException';

/** Closes an exception by a person's word; its cause, if it comes back, opens it again. Refuses COMPENSATION_OPEN. */
export async function resolveException(work: Work, input: ResolveExceptionInput): Promise<ExceptionItem> {
  const item = await work.lock(ExceptionItem, parseId(input.exceptionId, 'exc', 'input.exceptionId'), input.expectedVersion);
  if (item.kind === ExceptionKind.COMPENSATION_FAILED) {
    throw new Refusal('COMPENSATION_OPEN', 'The backend still has what was taken back: only posting it resolves this. Mend the cause and retry.', 'input.exceptionId');
  }
  return closeException(work, item, readText(input.resolution, 'input.resolution'));
}
