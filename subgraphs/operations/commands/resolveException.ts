import { ExceptionItem } from '../../../entities/operations/ExceptionItem';
import { parseId } from '../../../entities/ids';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { ResolveExceptionInput } from '../api';
import { closeException } from './raiseException';

/** Closes an exception by a person's word; its cause, if it comes back, opens it again. */
export async function resolveException(work: Work, input: ResolveExceptionInput): Promise<ExceptionItem> {
  const item = await work.lock(ExceptionItem, parseId(input.exceptionId, 'exc', 'input.exceptionId'), input.expectedVersion);
  return closeException(work, item, readText(input.resolution, 'input.resolution'));
}
