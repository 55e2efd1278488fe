import { type Invoice, SettlementState } from '../../../entities/invoices/Invoice';
import type { Work } from '../../work';
import { invoicePaid, invoicePartlyPaid, invoiceReopened } from '../events';
import { settle } from '../rules';

const EVENTS = {
  [SettlementState.PAID]: invoicePaid,
  [SettlementState.PARTLY_PAID]: invoicePartlyPaid,
  [SettlementState.UNPAID]: invoiceReopened,
} as const;

/** Changes what is open of a locked invoice by cash applied (negative) or taken back (positive), in minor units, and tells it. */
export function settleInvoice(work: Work, invoice: Invoice, deltaMinor: bigint): void {
  Object.assign(invoice, settle(invoice, deltaMinor));
  work.change(invoice);
  const { number, customerId, legalEntityId, currency } = invoice;
  const [totalMinor, openMinor] = [invoice.totalMinor.toString(), invoice.openMinor.toString()];
  const event = EVENTS[invoice.settlement as keyof typeof EVENTS]; // cash moves no voided invoice
  work.tell(event(invoice, { number, customerId, legalEntityId, currency, totalMinor, openMinor }));
}
