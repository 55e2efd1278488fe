/** Canonical documents for the Tryton tests. Every run has its own ids, so that it can meet the database of an earlier run. */
import { randomBytes } from 'node:crypto';
import type { CreditMemoDocument, DocumentBodies, DocumentKind, DocumentLine, InvoiceDocument, PostingDocument } from '../../sync/documents';

export const RUN = randomBytes(5).toString('hex');
export const ENTITY = { code: 'TRYTON-TEST', currency: 'EUR' };
export const CUSTOMER = `cus_${RUN}`;

let count = 0;
/** An external id that no other run has. */
export const fresh = (prefix: string) => `${prefix}_${RUN}${String(++count).padStart(4, '0')}`;

export function posting<Kind extends DocumentKind>(kind: Kind, externalId: string, body: DocumentBodies[Kind]): PostingDocument<Kind> {
  return { tenantId: 'ten_1', backend: 'erp', kind, externalId, version: 1, correlationId: 'cor_1', legalEntity: ENTITY, body };
}

export const customer = (externalId = CUSTOMER, name = 'Harbour Foods GmbH', version = 1) => ({
  ...posting('customer', externalId, { key: 'harbour', name, email: 'ap@harbour.example', countryCode: 'DE', currency: 'EUR' }),
  version,
});

/** A line of a whole quantity, taxed and rounded half up as the product does. */
export function line(lineId: string, netMinor: bigint, percent = '20', more: Partial<DocumentLine> = {}): DocumentLine {
  const taxMinor = (netMinor * BigInt(percent) * 2n + 100n) / 200n;
  return {
    lineId, description: 'Platform subscription', quantity: '1', unitPriceMinor: String(netMinor), netMinor: String(netMinor),
    taxMinor: String(taxMinor), taxRatePercent: percent, taxCode: 'standard', revenueAccount: '4010', ...more,
  };
}

export function invoiceBody(lines: DocumentLine[], more: Partial<InvoiceDocument> = {}): InvoiceDocument {
  const net = lines.reduce((total, one) => total + BigInt(one.netMinor), 0n);
  const tax = lines.reduce((total, one) => total + BigInt(one.taxMinor), 0n);
  return {
    number: fresh('INV'), customerId: CUSTOMER, customerName: 'Harbour Foods GmbH', invoiceDate: '2026-03-10', dueDate: '2026-04-09',
    currency: 'EUR', netMinor: String(net), taxMinor: String(tax), totalMinor: String(net + tax), lines, ...more,
  };
}

export const invoice = (lines: DocumentLine[], more: Partial<InvoiceDocument> = {}) => posting('invoice', fresh('inv'), invoiceBody(lines, more));

export function creditOf(original: PostingDocument<'invoice'>, lines: DocumentLine[], more: Partial<CreditMemoDocument> = {}) {
  const { number } = original.body;
  const body = { ...invoiceBody(lines), invoiceId: original.externalId, invoiceNumber: number, reason: 'Fewer seats', ...more };
  return posting('creditMemo', fresh('crn'), body);
}

export const voidOf = (original: PostingDocument<'invoice'>) =>
  posting('invoiceVoid', original.externalId, {
    ...original.body, invoiceId: original.externalId, invoiceNumber: original.body.number, reason: 'Issued in error',
  });

export const payment = (amountMinor: bigint, customerId: string | null = CUSTOMER) =>
  posting('payment', fresh('pay'), {
    number: fresh('PAY'), customerId, receivedDate: '2026-03-20', currency: 'EUR', amountMinor: String(amountMinor), reference: 'SEPA credit transfer',
  });

export function application(paid: PostingDocument<'payment'>, to: PostingDocument<'invoice'>, amountMinor: bigint) {
  return posting('application', fresh('app'), {
    paymentId: paid.externalId, invoiceId: to.externalId, invoiceNumber: to.body.number, customerId: to.body.customerId,
    appliedDate: '2026-03-21', currency: 'EUR', amountMinor: String(amountMinor),
  });
}

export const unapplication = (applied: PostingDocument<'application'>) =>
  posting('unapplication', fresh('una'), { ...applied.body, applicationId: applied.externalId, appliedDate: '2026-03-25' });
