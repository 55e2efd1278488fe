import { z } from 'zod';
import { currency, day, defineEvent } from '../event';

const contract = { number: z.string(), customerId: z.string(), state: z.string(), startDate: day, endDate: day, currency, reason: z.string() };
export const contractCreated = defineEvent('contract.created', contract);
export const contractAmended = defineEvent('contract.amended', contract);
export const contractRenewed = defineEvent('contract.renewed', contract);
export const amendmentWithdrawn = defineEvent('contract.amendmentWithdrawn', contract);
export const contractTransferred = defineEvent('contract.transferred', contract);
export const contractSuspended = defineEvent('contract.suspended', contract);
export const contractResumed = defineEvent('contract.resumed', contract);
export const contractAdvanced = defineEvent('contract.advanced', contract);
export const contractCancelled = defineEvent('contract.cancelled', contract);
const grant = { contractId: z.string(), productKey: z.string(), grantedQuantity: z.string(), soldQuantity: z.string() };
export const entitlementHeld = defineEvent('entitlement.held', grant);
export const entitlementGranted = defineEvent('entitlement.granted', grant);
export const entitlementEnded = defineEvent('entitlement.ended', grant);
