import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Invoice } from '../../../entities/invoices/Invoice';
import { Payment } from '../../../entities/payments/Payment';
import { Refusal } from '../../../entities/refusal';
import { readPositive, readText } from '../../input';
import type { Work } from '../../work';
import type { RecordPaymentInput } from '../api';
import { applicable } from '../rules';
import { applyCash } from './applyCash';
import { bookPayment } from './bookPayment';

/** Records money received from a customer and applies it to the invoices named. The same payment again is answered as it is. */
export async function recordPayment(work: Work, input: RecordPaymentInput): Promise<Payment> {
  const reference = readText(input.reference, 'input.reference');
  const amount = readPositive(input.amount, 'input.amount');
  const customer = await work.read(Customer, parseId(input.customerId, 'cus', 'input.customerId'), 'input.customerId');
  const entity = await work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  const receivedDate = input.receivedDate ?? work.today(entity.timeZone);
  if (receivedDate < entity.booksFrom) {
    throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.receivedDate');
  }
  const id = work.id('pay', { system: 'manual', type: 'payment', key: reference });
  const existing = await work.peek(Payment, id);
  if (existing) return samePayment(existing, { customerId: customer.id, currency: amount.currency, amountMinor: amount.minor });
  const receipt = {
    id, reference, receivedDate,
    source: 'MANUAL' as const,
    customerId: customer.id,
    currency: amount.currency,
    amountMinor: amount.minor,
    payerName: input.payerName ? readText(input.payerName, 'input.payerName') : null,
    remittance: [],
  };
  const payment = await bookPayment(work, receipt, entity);
  for (const [index, target] of input.applyTo.entries()) {
    const path = `input.applyTo.${index}`;
    const invoice = await work.lock(Invoice, parseId(target.invoiceId, 'inv', `${path}.invoiceId`));
    const amountMinor = target.amount ? readPositive(target.amount, `${path}.amount`).minor : applicable(payment.unappliedMinor, invoice.openMinor);
    if (amountMinor === 0n) throw new Refusal('NOTHING_TO_APPLY', `Nothing is open on ${invoice.number}, or nothing is left of the payment.`, path);
    if (target.amount && target.amount.currency !== amount.currency) {
      throw new Refusal('CURRENCY_MISMATCH', `The payment is in ${amount.currency}.`, `${path}.amount.currency`);
    }
    await applyCash(work, payment, { invoiceId: invoice.id, amountMinor, rule: 'MANUAL', evidence: 'Named when the payment was recorded' });
  }
  return payment;
}

function samePayment(existing: Payment, wanted: Partial<Payment>): Payment {
  const differs = Object.entries(wanted).find(([field, value]) => existing[field as keyof Payment] !== value);
  if (!differs) return existing;
  throw new Refusal('DOCUMENT_DIFFERS', `This reference is that of a payment with another ${differs[0]}.`, 'input.reference');
}
