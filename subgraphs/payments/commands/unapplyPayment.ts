import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Invoice } from '../../../entities/invoices/Invoice';
import { ResourceVersion } from '../../../entities/operations/ResourceVersion';
import { CashState, Payment } from '../../../entities/payments/Payment';
import { PaymentApplication } from '../../../entities/payments/PaymentApplication';
import { selectRows } from '../../../entities/rows';
import { move } from '../../move';
import type { Work } from '../../work';
import type { UnapplyPaymentInput } from '../api';
import { paymentUnapplied, paymentUnmatched } from '../events';
import { applicationDocument, place } from '../rules';
import { APPLICATION_MOVES } from '../states';
import { unapplicationOf } from './applyCash';
import { balanceOf, changePayment } from './bookPayment';
import { learnPayer } from './learnPayer';

/**
 * Takes an application back in full: the cash is unapplied again, and what it paid is open again. Cash that came without a known
 * customer is nobody's again, so that it can go to the right one.
 */
export async function unapplyPayment(work: Work, input: UnapplyPaymentInput): Promise<PaymentApplication> {
  const id = parseId(input.applicationId, 'app', 'input.applicationId');
  const { paymentId } = await work.read(PaymentApplication, id);
  const payment = await work.lock(Payment, paymentId);
  const application = await work.lock(PaymentApplication, id, input.expectedVersion);
  application.state = move(APPLICATION_MOVES, application.state, 'unapply');
  work.change(application);
  Object.assign(payment, place(payment, application.amountMinor));
  const { invoiceId, customerId, currency, rule } = application;
  await learnPayer(work, [{ origin: payment, customerId: (await work.read(Invoice, invoiceId)).customerId, by: -1 }]);
  const isNobodys = payment.state === CashState.UNAPPLIED && (await cameFromNobody(work, payment));
  if (isNobodys) payment.customerId = null;
  changePayment(work, payment);
  work.tell(paymentUnapplied(application, { paymentId, invoiceId, customerId, currency, amountMinor: application.amountMinor.toString(), rule }));
  if (isNobodys) work.tell(paymentUnmatched(payment, { ...balanceOf(payment), reason: 'Its application was taken back, and nobody knows whose it is.' }));
  const invoice = await work.read(Invoice, invoiceId);
  const entity = await work.read(LegalEntity, payment.legalEntityId);
  work.post({
    ...unapplicationOf(work, id),
    resourceId: paymentId,
    relatedId: invoiceId,
    laneOf: customerId,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: { ...applicationDocument(application, invoice.number), appliedDate: work.today(entity.timeZone), applicationId: id },
    after: [],
    undoes: { kind: 'application', externalId: id, version: 1 },
  });
  return application;
}

/** Whether no customer was known when the payment was booked. */
async function cameFromNobody(work: Work, payment: Payment): Promise<boolean> {
  const where = { tenantId: work.tenantId, resourceId: payment.id, version: 1 };
  const [first] = await selectRows(work.sql, ResourceVersion, { where });
  return first!.body.customerId === null;
}
