import { CollectionCase } from '../../../entities/collections/CollectionCase';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { move } from '../../move';
import type { Work } from '../../work';
import type { AdvanceCollectionCaseInput } from '../api';
import { caseAdvanced } from '../events';
import { CASE_MOVES } from '../states';
import { overdueInvoices } from './overdueInvoices';

/** Takes the next dunning step. Refuses NOTHING_OVERDUE: who has paid gets no reminder. */
export async function advanceCollectionCase(work: Work, input: AdvanceCollectionCaseInput): Promise<CollectionCase> {
  const item = await work.lock(CollectionCase, parseId(input.caseId, 'cas', 'input.caseId'), input.expectedVersion);
  const state = move(CASE_MOVES, item.state, 'advance');
  if ((await overdueInvoices(work, item)).length === 0) {
    throw new Refusal('NOTHING_OVERDUE', 'Nothing of this customer is overdue any more; close the case.', 'input.caseId');
  }
  item.state = state;
  work.change(item);
  const { customerId, legalEntityId } = item;
  work.tell(caseAdvanced(item, { customerId, legalEntityId, state }));
  return item;
}
