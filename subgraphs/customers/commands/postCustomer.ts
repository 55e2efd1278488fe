import type { Customer } from '../../../entities/customers/Customer';
import type { Work } from '../../work';
import { customerDocument } from '../rules';

/** Posts the latest version of a customer to all who know it. */
export function postCustomer(work: Work, customer: Customer): void {
  const { id, version } = customer;
  work.post({ kind: 'customer', externalId: id, version, resourceId: id, laneOf: id, legalEntity: null, body: customerDocument(customer), after: [] });
}
