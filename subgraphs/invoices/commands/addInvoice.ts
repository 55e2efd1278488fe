import type { Customer } from '../../../entities/customers/Customer';
import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Invoice, InvoiceState, SettlementState } from '../../../entities/invoices/Invoice';
import type { Totals } from '../../../entities/invoices/pricing';
import type { Work } from '../../work';
import { invoiceIssued } from '../events';
import { authorityOf, creditorReference, invoiceDocument } from '../rules';
import { afterAuthority } from './numberDocument';

export interface NewInvoice {
  id: string;
  number: string;
  reference: string;
  customer: Customer;
  entity: LegalEntity;
  contractId: string | null;
  invoiceDate: string;
  dueDate: string;
  currency: string;
  totals: Totals;
}

/** Issues an invoice under its number, tells it and posts it. */
export function addInvoice(work: Work, { customer, entity, totals, ...head }: NewInvoice): Invoice {
  const { lines, netMinor, taxMinor, totalMinor } = totals;
  const invoice = work.add(
    Object.assign(new Invoice(), {
      ...head,
      paymentReference: creditorReference(head.number),
      customerId: customer.id,
      legalEntityId: entity.id,
      state: InvoiceState.ISSUED,
      settlement: SettlementState.UNPAID,
      netMinor, taxMinor, totalMinor,
      openMinor: totalMinor,
      creditedMinor: 0n,
      rebillsId: null,
      provisional: authorityOf(entity, 'invoice')?.gives ?? [],
      lineItems: lines,
    }),
  );
  publish(work, invoice, { customer, entity });
  return invoice;
}

function publish(work: Work, invoice: Invoice, { customer, entity }: { customer: Customer; entity: LegalEntity }): void {
  const { id, number, customerId, legalEntityId, currency, invoiceDate, dueDate } = invoice;
  const [totalMinor, openMinor] = [invoice.totalMinor.toString(), invoice.openMinor.toString()];
  work.tell(invoiceIssued(invoice, { number, customerId, legalEntityId, currency, totalMinor, openMinor, invoiceDate, dueDate }));
  const authority = authorityOf(entity, 'invoice');
  work.post({
    kind: 'invoice',
    externalId: id,
    version: 1,
    resourceId: id,
    laneOf: customerId,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: { ...invoiceDocument(invoice, customer.name), ...(authority && { authority }) },
    after: [{ kind: 'customer', externalId: customer.id, version: customer.version }, ...afterAuthority(authority, { kind: 'invoice', externalId: id })],
  });
}
