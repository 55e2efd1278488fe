import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { paymentChanged } from '../../payments/events';
import { causeGone } from '../commands/raiseException';

/** All of the cash is placed: its exception resolves itself. */
export const onPaymentChanged = reaction(paymentChanged, async (work, { resource, data }) => {
  if (data.unappliedMinor !== '0' || work.added.has(resource)) return; // what came in by this act had no time to be an exception
  await causeGone(work, { kind: ExceptionKind.UNMATCHED_PAYMENT, subjectId: resource.id }, 'The payment is applied in full');
});
