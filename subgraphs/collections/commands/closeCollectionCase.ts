import { CollectionCase } from '../../../entities/collections/CollectionCase';
import { parseId } from '../../../entities/ids';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { CloseCollectionCaseInput } from '../api';
import { caseClosed } from '../events';
import { CASE_MOVES } from '../states';

/** Closes a case for a reason; for good. */
export async function closeCollectionCase(work: Work, input: CloseCollectionCaseInput): Promise<CollectionCase> {
  const item = await work.lock(CollectionCase, parseId(input.caseId, 'cas', 'input.caseId'), input.expectedVersion);
  return closeCase(work, item, readText(input.reason, 'input.reason'));
}

/** Closes a locked case. */
export function closeCase(work: Work, item: CollectionCase, reason: string): CollectionCase {
  item.state = move(CASE_MOVES, item.state, 'close');
  item.closeReason = reason;
  work.change(item);
  const { customerId, legalEntityId, state } = item;
  work.tell(caseClosed(item, { customerId, legalEntityId, state, reason }));
  return item;
}
