import { Invoice } from '../../../entities/invoices/Invoice';
import { reaction } from '../../domain';
import { paymentUnapplied } from '../../payments/events';
import { settleInvoice } from '../commands/settleInvoice';

/** Cash was taken back: what it paid is open again. */
export const onPaymentUnapplied = reaction(paymentUnapplied, async (work, { data }) => {
  settleInvoice(work, await work.lock(Invoice, data.invoiceId), BigInt(data.amountMinor));
});
