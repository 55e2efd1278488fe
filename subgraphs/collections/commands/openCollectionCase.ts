import { CaseState, CollectionCase } from '../../../entities/collections/CollectionCase';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { Work } from '../../work';
import type { OpenCollectionCaseInput } from '../api';
import { caseOpened } from '../events';
import { overdueInvoices } from './overdueInvoices';

/** Opens the case of a customer towards a legal entity, if anything is overdue. A case that is open already is answered as it is. */
export async function openCollectionCase(work: Work, input: OpenCollectionCaseInput): Promise<CollectionCase> {
  const customer = await work.read(Customer, parseId(input.customerId, 'cus', 'input.customerId'), 'input.customerId');
  const entity = await work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  const owed = { customerId: customer.id, legalEntityId: entity.id };
  const earlier = await work.find(CollectionCase, owed);
  const open = earlier.find((item) => item.state !== CaseState.CLOSED);
  if (open) return open;
  if ((await overdueInvoices(work, owed)).length === 0) {
    throw new Refusal('NOTHING_OVERDUE', `${customer.name} has nothing overdue with ${entity.code}.`, 'input.customerId');
  }
  const key = `${customer.key}/${entity.code}`;
  const id = work.id('cas', { system: 'evenkeel', type: 'collectionCase', key: `${customer.id}/${key}`, revision: earlier.length + 1 });
  const opened = work.add(Object.assign(new CollectionCase(), { id, ...owed, state: CaseState.OPEN, closeReason: null }));
  work.tell(caseOpened(opened, { ...owed, state: opened.state }));
  return opened;
}
