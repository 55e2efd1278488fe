import type { CollectionCase } from '../../entities/collections/CollectionCase';
import type { Customer } from '../../entities/customers/Customer';
import type { Invoice } from '../../entities/invoices/Invoice';
import { openCollectionCase } from '../../subgraphs/collections/commands/openCollectionCase';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { anotherCustomer, type Sample, sampleInvoice } from '../harness/sample';
import type { World } from '../harness/world';

/** A customer of a sample's legal entity who owes overdue invoices, each of 120.00. */
export interface Debtor {
  customer: Customer;
  overdue: Invoice[];
}

export async function debtor(world: World, given: Sample, invoices = 1): Promise<Debtor> {
  const customer = await anotherCustomer(world, `DEBTOR ${debtors++}`);
  const overdue: Invoice[] = [];
  for (let at = 0; at < invoices; at++) overdue.push(await sampleInvoice(world, { ...given, customer }, `${customer.key}/${at}`));
  return { customer, overdue };
}
let debtors = 0;

export function openCase(world: World, given: Sample, { customer }: Debtor): Promise<CollectionCase> {
  return world.do(openCollectionCase, { customerId: customer.id, legalEntityId: given.entity.id });
}

/** Pays an amount of an invoice. */
export function pay(world: World, invoice: Invoice, amount = '120.00') {
  const { customerId, legalEntityId, reference } = invoice;
  return world.do(recordPayment, {
    reference: `${reference} ${amount}`, customerId, legalEntityId, amount: { amount, currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }],
  });
}
