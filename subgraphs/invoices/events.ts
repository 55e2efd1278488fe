import { z } from 'zod';
import { currency, day, defineEvent, minor } from '../event';

const invoice = { number: z.string(), customerId: z.string(), legalEntityId: z.string(), currency, totalMinor: minor, openMinor: minor };
export const invoiceIssued = defineEvent('invoice.issued', { ...invoice, invoiceDate: day, dueDate: day });
export const invoiceVoided = defineEvent('invoice.voided', { ...invoice, reason: z.string() });
export const invoiceCredited = defineEvent('invoice.credited', { ...invoice, creditMemoId: z.string(), creditMinor: minor });
export const invoicePartlyPaid = defineEvent('invoice.partlyPaid', invoice);
export const invoicePaid = defineEvent('invoice.paid', invoice);
export const invoiceReopened = defineEvent('invoice.reopened', invoice);
const given = { formerNumber: z.string().describe('The provisional one, or its own where that was final.'), number: z.string(), by: z.string().describe('The backend that is the authority.') };
export const invoiceFinalized = defineEvent('invoice.finalized', { ...invoice, ...given, taxMinor: minor, taxes: z.record(z.string(), minor).describe('Line id → its tax.') });
export const creditMemoFinalized = defineEvent('creditMemo.finalized', { ...given, invoiceId: z.string(), customerId: z.string() });
export const creditMemoIssued = defineEvent('creditMemo.issued', {
  number: z.string(),
  invoiceId: z.string(),
  customerId: z.string(),
  currency,
  totalMinor: minor,
  reason: z.string(),
});
export const billingFailed = defineEvent('billing.failed', { number: z.string(), customerId: z.string(), code: z.string(), message: z.string() });
export const billingRecovered = defineEvent('billing.recovered', { number: z.string(), customerId: z.string() });
const period = { legalEntityId: z.string(), month: z.string(), state: z.string() };
export const periodChanged = defineEvent('accountingPeriod.changed', { ...period, reason: z.string() });
export const revenueRecognized = defineEvent('revenue.recognized', { number: z.string(), legalEntityId: z.string(), month: z.string(), currency, recognizedMinor: minor });
export const meterUpserted = defineEvent('meter.upserted', { key: z.string(), aggregation: z.string(), unit: z.string() });
const usage = { contractId: z.string(), lineKey: z.string(), from: day, until: day, state: z.string() };
export const usageChanged = defineEvent('usage.changed', { ...usage, quantity: z.string().describe("In the meter's units."), reason: z.string() });
