import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { paymentUnmatched } from '../../payments/events';
import { raiseException } from '../commands/raiseException';

/** Cash nobody could place goes to a person. */
export const onPaymentUnmatched = reaction(paymentUnmatched, async (work, { resource, data }) => {
  await raiseException(work, {
    kind: ExceptionKind.UNMATCHED_PAYMENT,
    subjectId: resource.id,
    customerId: data.customerId,
    message: data.reason,
    nextAction: 'Apply the payment to the invoice it is meant for, or refund it.',
    atRisk: { minor: BigInt(data.unappliedMinor), currency: data.currency },
  });
});
