import { Customer } from '../../../entities/customers/Customer';
import { parseId } from '../../../entities/ids';
import { digitsOf } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { type MoneyInput, readMoney, readText } from '../../input';
import type { Work } from '../../work';
import type { UpsertCustomerInput } from '../api';
import { customerPayerChanged, customerUpserted } from '../events';
import { readCountry, readEmail } from '../rules';
import { postCustomer } from './postCustomer';

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
    taxNumber: input.taxNumber ? readText(input.taxNumber, 'input.taxNumber', 40) : null,
    paymentTermsDays: readTermsDays(input.paymentTermsDays),
    creditLimitMinor: input.creditLimit ? readLimit(input.creditLimit, input.currency) : null,
    parentId: await readParent(work, id, input.parentId),
    payerId: await readPayer(work, id, input.payerId),
    consolidatesInvoices: input.consolidatesInvoices ?? false,
  };
  const customer = await work.lockOrNew(Customer, { id, key, mergedIntoId: null }, input.expectedVersion);
  const { version: before, payerId, consolidatesInvoices } = customer;
  if (!work.put(customer, wanted)) return customer;
  work.tell(customerUpserted(customer, { key, name: customer.name, currency: customer.currency }));
  const billedOtherwise = payerId !== wanted.payerId || consolidatesInvoices !== wanted.consolidatesInvoices;
  if (before > 0 && billedOtherwise) work.tell(customerPayerChanged(customer, { key, payerId: wanted.payerId, consolidatesInvoices: wanted.consolidatesInvoices }));
  postCustomer(work, customer);
  return customer;
}

/** Refuses NOT_FOUND, and PAYER_CHAIN: who pays for others pays for itself. */
async function readPayer(work: Work, id: string, payerId: string | null | undefined): Promise<string | null> {
  const path = 'input.payerId';
  if (!payerId || payerId === id) return null;
  await work.hold('hierarchy');
  const payer = await work.read(Customer, parseId(payerId, 'cus', path), path);
  if (payer.payerId !== null) throw new Refusal('PAYER_CHAIN', `${payer.name} does not pay for itself: name who pays for it.`, path);
  const [paidFor] = await work.find(Customer, { payerId: id }, { limit: 1 });
  if (paidFor) throw new Refusal('PAYER_CHAIN', `This customer pays for ${paidFor.name}, so it pays for itself.`, path);
  return payer.id;
}

function readTermsDays(days: number | null | undefined): number | null {
  if (days === null || days === undefined) return null;
  if (days < 0 || days > 365) throw new Refusal('TERMS_INVALID', 'Payment terms are 0 to 365 days.', 'input.paymentTermsDays');
  return days;
}

function readLimit(limit: MoneyInput, currency: string): bigint {
  const { minor, currency: given } = readMoney(limit, 'input.creditLimit');
  if (given !== currency) throw new Refusal('CURRENCY_MISMATCH', `The customer is billed in ${currency}.`, 'input.creditLimit.currency');
  if (minor < 0n) throw new Refusal('AMOUNT_NEGATIVE', 'A credit limit is not below zero.', 'input.creditLimit');
  return minor;
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
