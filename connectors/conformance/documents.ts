/** Canonical documents for the cases. Every run has its own ids, so that it can meet the books of an earlier run. */
import { randomBytes } from 'node:crypto';
import { formatDecimal } from '../../entities/money';
import type { CreditMemoDocument, DocumentBodies, DocumentKind, InvoiceDocument, PostingDocument } from '../../sync/documents';

export interface LegalEntity {
  code: string;
  currency: string;
}

export type Documents = ReturnType<typeof documentsOf>;

/** Amounts are whole hundreds, so that tax of 20 percent needs no rounding in any currency. */
export function documentsOf(entity: LegalEntity) {
  const run = randomBytes(6).toString('hex');
  let count = 0;
  const fresh = (prefix: string) => `${prefix}_${run}${String(++count).padStart(4, '0')}`;
  const { currency } = entity;

  function document<Kind extends DocumentKind>(kind: Kind, externalId: string, body: DocumentBodies[Kind]): PostingDocument<Kind> {
    return { tenantId: `ten_${run}`, backend: 'erp', kind, externalId, version: 1, correlationId: `cor_${externalId}`, legalEntity: entity, body };
  }

  function invoiceBody(customerId: string, netMinor: bigint, more: Partial<InvoiceDocument> = {}): InvoiceDocument {
    const taxMinor = netMinor / 5n;
    return {
      number: fresh('INV'), customerId, customerName: 'Harbour Foods GmbH', invoiceDate: '2026-03-10', dueDate: '2099-12-31', currency,
      netMinor: String(netMinor), taxMinor: String(taxMinor), totalMinor: String(netMinor + taxMinor),
      lines: [{
        lineId: 'l1', description: 'Platform subscription', quantity: '1', unitPriceMinor: String(netMinor), netMinor: String(netMinor),
        taxMinor: String(taxMinor), taxRatePercent: '20', taxCode: 'standard', revenueAccount: '4010',
      }],
      ...more,
    };
  }

  return {
    fresh,
    customer: (externalId = fresh('cus'), more: { name?: string; version?: number } = {}): PostingDocument<'customer'> => ({
      ...document('customer', externalId, {
        key: externalId, name: more.name ?? 'Harbour Foods GmbH', email: 'ap@harbour.example', countryCode: 'DE', currency,
      }),
      version: more.version ?? 1,
    }),
    invoice: (customerId: string, more: Partial<InvoiceDocument> = {}, netMinor = 10_000n) =>
      document('invoice', fresh('inv'), invoiceBody(customerId, netMinor, more)),
    creditMemo: (of: PostingDocument<'invoice'>, more: Partial<CreditMemoDocument> = {}) => document('creditMemo', fresh('crn'), {
      ...invoiceBody(of.body.customerId, 5_000n), invoiceId: of.externalId, invoiceNumber: of.body.number, reason: 'Fewer seats', ...more,
    }),
    /** Of an unknown payer: it needs nothing else in the books. */
    payment: (amountMinor = 12_300n, more: Partial<DocumentBodies['payment']> = {}) => document('payment', fresh('pay'), {
      number: fresh('PAY'), customerId: null, receivedDate: '2026-03-20', currency, amountMinor: String(amountMinor), reference: 'SEPA credit transfer',
      ...more,
    }),
    application: ([paid, to]: [PostingDocument<'payment'>, PostingDocument<'invoice'>], amountMinor: bigint, more: Partial<DocumentBodies['application']> = {}) =>
      document('application', fresh('app'), {
        paymentId: paid.externalId, invoiceId: to.externalId, invoiceNumber: to.body.number, customerId: to.body.customerId,
        appliedDate: '2026-03-21', currency, amountMinor: String(amountMinor), ...more,
      }),
  };
}

/** An amount of a document as people write it. */
export const decimalOf = (minor: string, currency: string) => formatDecimal(BigInt(minor), currency);
