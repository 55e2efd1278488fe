import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { billingFailed } from '../../invoices/events';
import { raiseException } from '../commands/raiseException';

/** A contract that the billing run could not bill goes to a person; the run comes back to it the next day. */
export const onBillingFailed = reaction(billingFailed, async (work, { resource, data }) => {
  await raiseException(work, {
    kind: ExceptionKind.BILLING_FAILED,
    subjectId: resource.id,
    customerId: data.customerId,
    message: `${data.code}: ${data.message}`,
    nextAction: 'Mend what it names, then bill the contract; the billing run tries it again tomorrow.',
    atRisk: null,
  });
});
