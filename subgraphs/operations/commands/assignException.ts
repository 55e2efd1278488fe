import { ExceptionItem } from '../../../entities/operations/ExceptionItem';
import { parseId } from '../../../entities/ids';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { AssignExceptionInput } from '../api';
import { exceptionAssigned } from '../events';
import { EXCEPTION_MOVES } from '../states';
import { factsOf } from './raiseException';

/** Gives an open exception an owner. */
export async function assignException(work: Work, input: AssignExceptionInput): Promise<ExceptionItem> {
  const item = await work.lock(ExceptionItem, parseId(input.exceptionId, 'exc', 'input.exceptionId'), input.expectedVersion);
  item.state = move(EXCEPTION_MOVES, item.state, 'assign');
  item.owner = readText(input.owner, 'input.owner');
  work.change(item);
  work.tell(exceptionAssigned(item, factsOf(item)));
  return item;
}
