import { z } from 'zod';
import { currency, day, defineEvent, minor } from '../event';

const payment = { customerId: z.string().nullable(), legalEntityId: z.string(), currency, amountMinor: minor, unappliedMinor: minor };
export const paymentRecorded = defineEvent('payment.recorded', { ...payment, receivedDate: day, source: z.string() });
/** The payment's own balance after cash was applied to or taken back from invoices. */
export const paymentChanged = defineEvent('payment.changed', payment);
/** Cash that no rule could place, or not all of it. */
export const paymentUnmatched = defineEvent('payment.unmatched', { ...payment, reason: z.string() });
const application = {
  paymentId: z.string(),
  invoiceId: z.string(),
  customerId: z.string(),
  currency,
  amountMinor: minor,
  rule: z.string(),
};
export const paymentApplied = defineEvent('payment.applied', application);
export const paymentUnapplied = defineEvent('payment.unapplied', application);
const statement = { account: z.string(), statementNumber: z.string(), closingDate: day, currency, openingMinor: minor, closingMinor: minor };
export const statementOpened = defineEvent('bankStatement.opened', statement);
export const statementImported = defineEvent('bankStatement.imported', { ...statement, lineCount: z.number().int() });
export const statementConflict = defineEvent('bankStatement.conflict', { lineKey: z.string(), currency, amountMinor: minor, bookingDate: day });
