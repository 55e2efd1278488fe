import { parseId } from '../../../entities/ids';
import { Invoice } from '../../../entities/invoices/Invoice';
import { Payment } from '../../../entities/payments/Payment';
import type { PaymentApplication } from '../../../entities/payments/PaymentApplication';
import { Refusal } from '../../../entities/refusal';
import { readPositive } from '../../input';
import type { Work } from '../../work';
import type { ApplyPaymentInput } from '../api';
import { applicable } from '../rules';
import { applyCash } from './applyCash';
import { learnPayer } from './learnPayer';

/** Applies unapplied cash to an invoice: as much as is open and left, or the amount given. */
export async function applyPayment(work: Work, input: ApplyPaymentInput): Promise<PaymentApplication> {
  const payment = await work.lock(Payment, parseId(input.paymentId, 'pay', 'input.paymentId'), input.expectedVersion);
  const invoice = await work.lock(Invoice, parseId(input.invoiceId, 'inv', 'input.invoiceId'));
  if (input.amount && input.amount.currency !== payment.currency) {
    throw new Refusal('CURRENCY_MISMATCH', `The payment is in ${payment.currency}.`, 'input.amount.currency');
  }
  const amountMinor = input.amount ? readPositive(input.amount, 'input.amount').minor : applicable(payment.unappliedMinor, invoice.openMinor);
  if (amountMinor === 0n) throw new Refusal('NOTHING_TO_APPLY', `Nothing is open on ${invoice.number}, or nothing is left of the payment.`, 'input.amount');
  await learnPayer(work, [{ origin: payment, customerId: invoice.customerId, by: 1 }]);
  return applyCash(work, payment, { invoiceId: invoice.id, amountMinor, rule: 'MANUAL', evidence: `Applied by ${work.occasion.principal.client}` });
}
