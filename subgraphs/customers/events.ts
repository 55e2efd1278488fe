import { z } from 'zod';
import { currency, day, defineEvent } from '../event';

export const customerUpserted = defineEvent('customer.upserted', { key: z.string(), name: z.string(), currency });
export const customerPayerChanged = defineEvent('customer.payerChanged', { key: z.string(), payerId: z.string().nullable(), consolidatesInvoices: z.boolean() });
export const customerMerged = defineEvent('customer.merged', { key: z.string(), intoId: z.string() });
export const customerUnmerged = defineEvent('customer.unmerged', { key: z.string(), fromId: z.string() });
export const legalEntityUpserted = defineEvent('legalEntity.upserted', { code: z.string(), name: z.string(), currency, closedPeriodPolicy: z.string(), numberAuthority: z.string(), taxAuthority: z.string(), postingAuthority: z.string() });
export const productUpserted = defineEvent('product.upserted', { key: z.string(), name: z.string() });
export const productAccountingUpserted = defineEvent('productAccounting.upserted', { productKey: z.string(), legalEntityCode: z.string(), revenueMethod: z.string() });
export const priceBookUpserted = defineEvent('priceBook.upserted', { key: z.string(), name: z.string(), currency, validFrom: day });
export const taxRegistrationUpserted = defineEvent('taxRegistration.upserted', { legalEntityCode: z.string(), countryCode: z.string(), number: z.string() });
