import { Customer } from '../../../entities/customers/Customer';
import { parseId } from '../../../entities/ids';
import { digitsOf } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { UpsertCustomerInput } from '../api';
import { customerUpserted } from '../events';
import { customerDocument, readCountry, readEmail } from '../rules';

/** Creates the customer of a natural key, or makes its next version; the same input again changes nothing. */
export async function upsertCustomer(work: Work, input: UpsertCustomerInput): Promise<Customer> {
  const key = readText(input.key, 'input.key');
  const id = work.id('cus', { system: readText(input.system, 'input.system', 40), type: 'customer', key });
  digitsOf(input.currency, 'input.currency');
  const wanted = {
    name: readText(input.name, 'input.name'),
    email: input.email ? readEmail(input.email, 'input.email') : null,
    countryCode: input.countryCode ? readCountry(input.countryCode, 'input.countryCode') : null,
    currency: input.currency,
    parentId: await readParent(work, id, input.parentId),
  };
  const customer = await work.lockOrNew(Customer, { id, key }, input.expectedVersion);
  if (!work.put(customer, wanted)) return customer;
  work.tell(customerUpserted(customer, { key, name: customer.name, currency: customer.currency }));
  work.post({
    kind: 'customer',
    externalId: id,
    version: customer.version,
    resourceId: id,
    laneOf: id,
    legalEntity: null,
    body: customerDocument(customer),
    after: [],
  });
  return customer;
}

/** Refuses NOT_FOUND and HIERARCHY_LOOP: nobody is their own ancestor. */
async function readParent(work: Work, id: string, parentId: string | null | undefined): Promise<string | null> {
  if (!parentId) return null;
  await work.hold('hierarchy');
  let above: string | null = parseId(parentId, 'cus', 'input.parentId');
  for (let depth = 0; above !== null; depth++) {
    if (above === id || depth === 20) throw new Refusal('HIERARCHY_LOOP', 'That parent is below this customer.', 'input.parentId');
    above = (await work.read(Customer, above, 'input.parentId')).parentId;
  }
  return parentId;
}
