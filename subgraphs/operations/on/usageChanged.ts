import { Contract } from '../../../entities/contracts/Contract';
import { UsageState } from '../../../entities/invoices/UsagePeriod';
import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { usageChanged } from '../../invoices/events';
import { causeGone, raiseException } from '../commands/raiseException';

/** Held usage goes to a person, and is no exception any more once it is approved or counted otherwise. */
export const onUsageChanged = reaction(usageChanged, async (work, { resource, data }) => {
  const cause = { kind: ExceptionKind.USAGE_HELD, subjectId: resource.id };
  if (data.state !== UsageState.HELD) return causeGone(work, cause, `The usage is ${data.state.toLowerCase()}.`);
  const { number, customerId } = await work.read(Contract, data.contractId);
  await raiseException(work, {
    ...cause, customerId,
    message: `${data.lineKey} of contract ${number} from ${data.from}: ${data.reason}`,
    nextAction: 'Approve the usage to have it billed, or cancel the events that should not be there.',
    atRisk: null,
  });
});
