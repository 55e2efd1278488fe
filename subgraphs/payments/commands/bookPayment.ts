import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Customer } from '../../../entities/customers/Customer';
import { CashState, Payment } from '../../../entities/payments/Payment';
import type { Prerequisite } from '../../../sync/plan';
import type { Work } from '../../work';
import { paymentChanged, paymentRecorded } from '../events';
import { paymentDocument } from '../rules';

export interface Receipt {
  id: string;
  reference: string;
  source: 'BANK' | 'GATEWAY' | 'MANUAL';
  customerId: string | null;
  currency: string;
  amountMinor: bigint;
  receivedDate: string;
  payerName: string | null;
  payerAccount: string | null;
  remittance: string[];
}

/** A new payment in the books, all of it unapplied, on its way to billing and ERP. */
export async function bookPayment(work: Work, receipt: Receipt, entity: LegalEntity): Promise<Payment> {
  const payment = work.add(
    Object.assign(new Payment(), {
      ...receipt,
      legalEntityId: entity.id,
      state: CashState.UNAPPLIED,
      unappliedMinor: receipt.amountMinor,
    }),
  );
  work.tell(paymentRecorded(payment, { ...balanceOf(payment), receivedDate: payment.receivedDate, source: payment.source }));
  const customer = payment.customerId ? await work.read(Customer, payment.customerId) : undefined;
  const after: Prerequisite[] = customer ? [{ kind: 'customer', externalId: customer.id, version: customer.version }] : [];
  work.post({
    kind: 'payment',
    externalId: payment.id,
    version: 1,
    resourceId: payment.id,
    laneOf: payment.customerId ?? entity.id,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: paymentDocument(payment),
    after,
  });
  return payment;
}

/** Marks a payment whose unapplied cash changed, and tells it. */
export function changePayment(work: Work, payment: Payment): void {
  work.change(payment);
  work.tell(paymentChanged(payment, balanceOf(payment)));
}

export function balanceOf(payment: Payment) {
  const { customerId, legalEntityId, currency } = payment;
  return { customerId, legalEntityId, currency, amountMinor: payment.amountMinor.toString(), unappliedMinor: payment.unappliedMinor.toString() };
}
