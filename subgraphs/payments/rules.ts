import { CashState, type Payment } from '../../entities/payments/Payment';
import type { PaymentApplication } from '../../entities/payments/PaymentApplication';
import type { ApplicationDocument, PaymentDocument } from '../../sync/documents';
import { move } from '../move';
import { CASH_MOVES } from './states';

/** What is unapplied after a change of `deltaMinor`, and the state that follows from it. */
export function place(payment: Pick<Payment, 'unappliedMinor' | 'amountMinor' | 'state'>, deltaMinor: bigint): { unappliedMinor: bigint; state: CashState } {
  const unappliedMinor = payment.unappliedMinor + deltaMinor;
  if (unappliedMinor < 0n || unappliedMinor > payment.amountMinor) throw new RangeError(`unapplied ${unappliedMinor} of ${payment.amountMinor}`);
  const verb = unappliedMinor === 0n ? 'place' : unappliedMinor === payment.amountMinor ? 'free' : 'placePart';
  return { unappliedMinor, state: move<CashState>(CASH_MOVES, payment.state, verb) };
}

/** How much of a payment goes to an invoice: never more than is open, never more than there is. */
export function applicable(unappliedMinor: bigint, openMinor: bigint): bigint {
  return unappliedMinor < openMinor ? unappliedMinor : openMinor;
}

export function paymentDocument(payment: Payment): PaymentDocument {
  const { reference, customerId, receivedDate, currency } = payment;
  return { number: reference, customerId, receivedDate, currency, amountMinor: payment.amountMinor.toString(), reference };
}

export function applicationDocument(application: PaymentApplication, invoiceNumber: string): ApplicationDocument {
  const { paymentId, invoiceId, customerId, appliedDate, currency } = application;
  return { paymentId, invoiceId, invoiceNumber, customerId, appliedDate, currency, amountMinor: application.amountMinor.toString() };
}
