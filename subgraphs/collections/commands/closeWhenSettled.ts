import { CaseState, CollectionCase } from '../../../entities/collections/CollectionCase';
import type { Work } from '../../work';
import { closeCase } from './closeCollectionCase';
import { overdueInvoices } from './overdueInvoices';

const UNFINISHED = Object.values(CaseState).filter((state) => state !== CaseState.CLOSED);

/** Closes the case of a customer towards a legal entity if nothing is overdue any more. */
export async function closeWhenSettled(work: Work, owed: { customerId: string; legalEntityId: string }): Promise<void> {
  const { customerId, legalEntityId } = owed;
  const [open] = await work.find(CollectionCase, { customerId, legalEntityId, state: UNFINISHED });
  if (!open || (await overdueInvoices(work, owed)).length > 0) return;
  closeCase(work, await work.lock(CollectionCase, open.id), 'Everything overdue is settled');
}
