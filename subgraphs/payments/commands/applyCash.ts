import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { checkFinal, Invoice } from '../../../entities/invoices/Invoice';
import { Refusal } from '../../../entities/refusal';
import type { Payment } from '../../../entities/payments/Payment';
import { ApplicationState, PaymentApplication } from '../../../entities/payments/PaymentApplication';
import { payerOf } from '../../payers';
import type { Work } from '../../work';
import { paymentApplied } from '../events';
import { applicationDocument, place } from '../rules';
import { changePayment } from './bookPayment';

export interface Placement {
  invoiceId: string;
  amountMinor: bigint;
  rule: string;
  evidence: string;
}

/** The reversal of an application, as other documents wait for it: cash is free in the books before it is applied again. */
export function unapplicationOf(work: Work, applicationId: string) {
  const externalId = work.id('app', { system: 'evenkeel', type: 'unapplication', key: applicationId });
  return { kind: 'unapplication' as const, externalId, version: 1 };
}

/**
 * Applies cash of a locked (or new) payment to an invoice. The invoice's owner lowers its balance in the same act, or refuses. A
 * payment nobody had been found for becomes the invoice's customer's. Refuses APPLICATION_EXCEEDS_UNAPPLIED.
 */
export async function applyCash(work: Work, payment: Payment, placement: Placement): Promise<PaymentApplication> {
  const { invoiceId, amountMinor, rule, evidence } = placement;
  if (amountMinor > payment.unappliedMinor) {
    throw new Refusal('APPLICATION_EXCEEDS_UNAPPLIED', `Only ${payment.unapplied.amount} ${payment.currency} of the payment is unapplied.`, 'input.amount');
  }
  const invoice = await work.read(Invoice, invoiceId, 'input.invoiceId');
  checkFinal(invoice, 'input.invoiceId');
  if (invoice.legalEntityId !== payment.legalEntityId) {
    throw new Refusal('LEGAL_ENTITY_MISMATCH', 'The money came to another legal entity than the one that invoiced.', 'input.invoiceId');
  }
  const entity = await work.read(LegalEntity, payment.legalEntityId);
  const { customerId } = invoice;
  if (payment.customerId !== null && payment.customerId !== customerId) await checkSamePayer(work, payment.customerId, customerId);
  payment.customerId ??= customerId;
  Object.assign(payment, place(payment, -amountMinor));
  const earlier = work.added.has(payment) ? work.mine(PaymentApplication, { paymentId: payment.id }) : await work.find(PaymentApplication, { paymentId: payment.id });
  const revision = earlier.filter((item) => item.invoiceId === invoiceId).length + 1;
  const today = work.today(entity.timeZone);
  const application = work.add(
    Object.assign(new PaymentApplication(), {
      id: work.id('app', { system: 'evenkeel', type: 'application', key: `${payment.id}/${invoiceId}`, revision }),
      paymentId: payment.id,
      invoiceId,
      customerId,
      state: ApplicationState.APPLIED,
      appliedDate: today < payment.receivedDate ? payment.receivedDate : today,
      currency: payment.currency,
      amountMinor,
      rule,
      evidence,
    }),
  );
  changePayment(work, payment);
  const { currency } = application;
  work.tell(paymentApplied(application, { paymentId: payment.id, invoiceId, customerId, currency, amountMinor: amountMinor.toString(), rule }));
  work.post({
    kind: 'application',
    externalId: application.id,
    version: 1,
    resourceId: payment.id,
    relatedId: invoiceId,
    laneOf: customerId,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: applicationDocument(application, invoice.number),
    after: [
      { kind: 'payment', externalId: payment.id, version: 1 },
      { kind: 'invoice', externalId: invoiceId, version: 1 },
      ...earlier.filter((item) => item.state === ApplicationState.UNAPPLIED).map((item) => unapplicationOf(work, item.id)),
    ],
  });
  await work.catchUp(); // the next payment of this act must see what is left open
  return application;
}

/** Cash of one customer pays the invoices of another where both are one, or one pays for the other. Refuses CUSTOMER_MISMATCH. */
async function checkSamePayer(work: Work, payerId: string, customerId: string): Promise<void> {
  const [payer, owner] = [await payerOf(work, await work.read(Customer, payerId)), await payerOf(work, await work.read(Customer, customerId))];
  if (payer !== owner) throw new Refusal('CUSTOMER_MISMATCH', `The invoice is another customer's, for whom ${payer.name} does not pay.`, 'input.invoiceId');
}
