import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { billingRecovered } from '../../invoices/events';
import { causeGone } from '../commands/raiseException';

/** A contract that could not be billed is billed: nobody has to look after it any more. */
export const onBillingRecovered = reaction(billingRecovered, (work, { resource }) => causeGone(work, { kind: ExceptionKind.BILLING_FAILED, subjectId: resource.id }, 'The billing run has billed it.'));
