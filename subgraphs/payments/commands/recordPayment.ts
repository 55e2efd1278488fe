import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Invoice } from '../../../entities/invoices/Invoice';
import { Payment } from '../../../entities/payments/Payment';
import { PaymentApplication } from '../../../entities/payments/PaymentApplication';
import { Refusal } from '../../../entities/refusal';
import { readPositive, readText } from '../../input';
import type { Work } from '../../work';
import type { ApplyToInput, RecordPaymentInput } from '../api';
import { applicable } from '../rules';
import { applyCash } from './applyCash';
import { bookPayment } from './bookPayment';

const AT_RECORDING = 'Named when the payment was recorded';

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
  if (existing) return samePayment(work, existing, input);
  const receipt = {
    id, reference, receivedDate,
    source: 'MANUAL' as const,
    customerId: customer.id,
    currency: amount.currency,
    amountMinor: amount.minor,
    payerName: input.payerName ? readText(input.payerName, 'input.payerName') : null,
    payerAccount: null,
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
    await applyCash(work, payment, { invoiceId: invoice.id, amountMinor, rule: 'MANUAL', evidence: AT_RECORDING });
  }
  return payment;
}

/** The payment that has this reference, if it is the one described. What was left out then or is left out now differs in nothing. */
async function samePayment(work: Work, existing: Payment, input: RecordPaymentInput): Promise<Payment> {
  const { minor, currency } = readPositive(input.amount, 'input.amount');
  const { customerId, legalEntityId } = input;
  const receivedDate = input.receivedDate ?? existing.receivedDate;
  const payerName = input.payerName ? readText(input.payerName, 'input.payerName') : existing.payerName;
  const wanted = { customerId, legalEntityId, receivedDate, payerName, currency, amountMinor: minor };
  const field = Object.entries(wanted).find(([name, value]) => existing[name as keyof Payment] !== value)?.[0];
  const differs = field ?? ((await samePlacements(work, existing, input.applyTo)) ? undefined : 'list of invoices');
  if (differs === undefined) return existing;
  throw new Refusal('DOCUMENT_DIFFERS', `This reference is that of a payment with another ${differs}.`, 'input.reference');
}

/** Whether the invoices named are those that were named when the payment was recorded. */
async function samePlacements(work: Work, { id }: Payment, applyTo: ApplyToInput[]): Promise<boolean> {
  const made = await work.find(PaymentApplication, { paymentId: id, evidence: AT_RECORDING });
  const named = applyTo.map((target) => target.invoiceId).sort();
  return JSON.stringify(made.map((application) => application.invoiceId).sort()) === JSON.stringify(named);
}
