import { CaseState, CollectionCase } from '../../../entities/collections/CollectionCase';
import type { Work } from '../../work';
import { closeCase } from './closeCollectionCase';
import { overdueInvoices } from './overdueInvoices';

const UNFINISHED = Object.values(CaseState).filter((state) => state !== CaseState.CLOSED);

/**
 * Closes the case of a customer towards a legal entity if nothing is overdue any more. The case is locked before anybody looks: of two
 * acts that settle the last two invoices at once, the later one sees that both are settled.
 */
export async function closeWhenSettled(work: Work, owed: { customerId: string; legalEntityId: string }): Promise<void> {
  const { customerId, legalEntityId } = owed;
  const [open] = await work.find(CollectionCase, { customerId, legalEntityId, state: UNFINISHED });
  if (!open) return;
  const item = await work.lock(CollectionCase, open.id);
  if (item.state === CaseState.CLOSED || (await overdueInvoices(work, owed)).length > 0) return;
  closeCase(work, item, 'Everything overdue is settled');
}
