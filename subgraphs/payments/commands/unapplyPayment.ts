import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Invoice } from '../../../entities/invoices/Invoice';
import { Payment } from '../../../entities/payments/Payment';
import { PaymentApplication } from '../../../entities/payments/PaymentApplication';
import { move } from '../../move';
import type { Work } from '../../work';
import type { UnapplyPaymentInput } from '../api';
import { paymentUnapplied } from '../events';
import { applicationDocument, place } from '../rules';
import { APPLICATION_MOVES } from '../states';
import { changePayment } from './bookPayment';

/** Takes an application back in full: the cash is unapplied again, and what it paid is open again. */
export async function unapplyPayment(work: Work, input: UnapplyPaymentInput): Promise<PaymentApplication> {
  const id = parseId(input.applicationId, 'app', 'input.applicationId');
  const { paymentId } = await work.read(PaymentApplication, id);
  const payment = await work.lock(Payment, paymentId);
  const application = await work.lock(PaymentApplication, id, input.expectedVersion);
  application.state = move(APPLICATION_MOVES, application.state, 'unapply');
  work.change(application);
  Object.assign(payment, place(payment, application.amountMinor));
  changePayment(work, payment);
  const { invoiceId, customerId, currency, rule } = application;
  work.tell(paymentUnapplied(application, { paymentId, invoiceId, customerId, currency, amountMinor: application.amountMinor.toString(), rule }));
  const invoice = await work.read(Invoice, invoiceId);
  const entity = await work.read(LegalEntity, payment.legalEntityId);
  work.post({
    kind: 'unapplication',
    externalId: work.id('app', { system: 'evenkeel', type: 'unapplication', key: id }),
    version: 1,
    resourceId: paymentId,
    relatedId: invoiceId,
    laneOf: customerId,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: { ...applicationDocument(application, invoice.number), appliedDate: work.today(entity.timeZone), applicationId: id },
    after: [{ kind: 'application', externalId: id, version: 1 }],
  });
  return application;
}
