import { Customer } from '../../../entities/customers/Customer';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { Work } from '../../work';
import type { MergeCustomersInput } from '../api';
import { customerMerged } from '../events';
import { postCustomer } from './postCustomer';

const MERGED_MAX = 100;

/**
 * Lets one customer stand for others that are the same one. Their records stay, with every key and id, and so does what was posted in their name; what they have from now on is billed to
 * the one that stands for them. Whom they stood for, it stands for. Refuses MERGE_EMPTY, MERGE_SAME, CUSTOMER_MERGED if it is merged itself, or one of them into another.
 */
export async function mergeCustomers(work: Work, input: MergeCustomersInput): Promise<Customer> {
  const mergedIds = [...new Set(input.mergedIds.map((id, index) => parseId(id, 'cus', `input.mergedIds.${index}`)))];
  const customerId = parseId(input.customerId, 'cus', 'input.customerId');
  if (mergedIds.length === 0 || mergedIds.length > MERGED_MAX) throw new Refusal('MERGE_EMPTY', `Name 1 to ${MERGED_MAX} customers to merge.`, 'input.mergedIds');
  if (mergedIds.includes(customerId)) throw new Refusal('MERGE_SAME', 'A customer is not merged into itself.', 'input.mergedIds');
  await work.hold('hierarchy');
  const customer = await work.lock(Customer, customerId, input.expectedVersion);
  if (customer.mergedIntoId !== null) throw new Refusal('CUSTOMER_MERGED', `${customer.name} was merged into ${customer.mergedIntoId}; merge into that one.`, 'input.customerId');
  for (const id of mergedIds.sort()) {
    const merged = await work.lock(Customer, id);
    if (merged.mergedIntoId === customer.id) continue;
    if (merged.mergedIntoId !== null) throw new Refusal('CUSTOMER_MERGED', `${merged.name} was merged into ${merged.mergedIntoId}; take that back first.`, 'input.mergedIds');
    for (const one of [merged, ...(await work.find(Customer, { mergedIntoId: id }))]) merge(work, await work.lock(Customer, one.id), customer);
  }
  return customer;
}

function merge(work: Work, merged: Customer, into: Customer): void {
  work.put(merged, { mergedIntoId: into.id });
  work.tell(customerMerged(merged, { key: merged.key, intoId: into.id }));
  postCustomer(work, merged);
}
