import { Invoice, InvoiceState } from '../../../entities/invoices/Invoice';
import { Refusal } from '../../../entities/refusal';
import { reaction } from '../../domain';
import { paymentApplied } from '../../payments/events';
import { settleInvoice } from '../commands/settleInvoice';

/** Cash was applied: the invoice's balance falls in the same transaction, or the application is refused with it. */
export const onPaymentApplied = reaction(paymentApplied, async (work, { data }) => {
  const invoice = await work.lock(Invoice, data.invoiceId);
  const amount = BigInt(data.amountMinor);
  const path = 'input.invoiceId';
  if (invoice.state === InvoiceState.VOIDED) {
    throw new Refusal('INVOICE_VOIDED', `Invoice ${invoice.number} was voided; refund the payer instead.`, path);
  }
  if (invoice.currency !== data.currency) throw new Refusal('CURRENCY_MISMATCH', `Invoice ${invoice.number} is in ${invoice.currency}.`, path);
  if (invoice.customerId !== data.customerId) throw new Refusal('CUSTOMER_MISMATCH', `Invoice ${invoice.number} is another customer's.`, path);
  if (amount > invoice.openMinor) {
    throw new Refusal('APPLICATION_EXCEEDS_OPEN', `Only ${invoice.open.amount} ${invoice.currency} of invoice ${invoice.number} is open.`, path);
  }
  settleInvoice(work, invoice, -amount);
});
