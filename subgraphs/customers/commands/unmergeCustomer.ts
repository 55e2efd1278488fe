import { Customer } from '../../../entities/customers/Customer';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { Work } from '../../work';
import type { UnmergeCustomerInput } from '../api';
import { customerUnmerged } from '../events';
import { postCustomer } from './postCustomer';

/** Takes a merge back: the customer stands for itself again. What was billed meanwhile stays as it was billed. Refuses CUSTOMER_NOT_MERGED. */
export async function unmergeCustomer(work: Work, input: UnmergeCustomerInput): Promise<Customer> {
  const customer = await work.lock(Customer, parseId(input.customerId, 'cus', 'input.customerId'), input.expectedVersion);
  const fromId = customer.mergedIntoId;
  if (fromId === null) throw new Refusal('CUSTOMER_NOT_MERGED', `${customer.name} stands for itself.`, 'input.customerId');
  work.put(customer, { mergedIntoId: null });
  work.tell(customerUnmerged(customer, { key: customer.key, fromId }));
  postCustomer(work, customer);
  return customer;
}
