import { Contract } from '../../../entities/contracts/Contract';
import { UsagePeriod, UsageState } from '../../../entities/invoices/UsagePeriod';
import { termsOf } from '../../../entities/terms/ofContract';
import { usageKey } from '../../../entities/terms/terms';
import { lineUsage } from '../../../entities/terms/usage';
import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { usageChanged } from '../../invoices/events';
import { causeGone, raiseException } from '../commands/raiseException';

/** Held usage goes to a person, and is no exception any more once it is approved or counted otherwise. */
export const onUsageChanged = reaction(usageChanged, async (work, { resource, data }) => {
  const cause = { kind: ExceptionKind.USAGE_HELD, subjectId: resource.id };
  if (data.state !== UsageState.HELD) return causeGone(work, cause, `The usage is ${data.state.toLowerCase()}.`);
  const contract = await work.read(Contract, data.contractId);
  const { number, customerId } = contract;
  await raiseException(work, {
    ...cause, customerId,
    message: `${data.lineKey} of contract ${number} from ${data.from}: ${data.reason}`,
    nextAction: 'Approve the usage to have it billed, or cancel the events that should not be there.',
    atRisk: worthOf(contract, await work.read(UsagePeriod, resource.id)),
  });
});

/** What held usage comes to as it is counted; null where that depends on prepaid units which earlier usage may draw. */
function worthOf(contract: Contract, period: UsagePeriod): { minor: bigint; currency: string } | null {
  const terms = { ...termsOf(contract), usage: new Map([[usageKey(period), BigInt(period.counted)]]) };
  const line = terms.lines.find(({ lineKey }) => lineKey === period.lineKey);
  const part = line && lineUsage(terms, line, period.from).flatMap(({ parts }) => parts).find(({ from }) => from === period.from);
  return part?.rated ? { minor: part.rated.amountMinor, currency: contract.currency } : null;
}
