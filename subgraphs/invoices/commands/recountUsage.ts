import { UsagePeriod, type UsageState } from '../../../entities/invoices/UsagePeriod';
import { move } from '../../move';
import type { Work } from '../../work';
import { usageChanged } from '../events';
import { USAGE_MOVES } from '../states';
import { dueToday } from './dueToday';

/** The events of counted periods have changed: the next billing run counts them again, and bills or credits the difference. */
export async function recountUsage(work: Work, periods: readonly UsagePeriod[]): Promise<void> {
  for (const id of [...new Set(periods.map((period) => period.id))].sort()) {
    moveUsage(work, await work.lock(UsagePeriod, id), { verb: 'recount', reason: null });
  }
  for (const contractId of [...new Set(periods.map((period) => period.contractId))].sort()) await dueToday(work, contractId);
}

/** Leads a locked period to its next state and tells it. */
export function moveUsage(work: Work, period: UsagePeriod, { verb, reason }: { verb: string; reason: string | null }): UsagePeriod {
  period.state = move<UsageState>(USAGE_MOVES, period.state, verb);
  period.reason = reason;
  if (period.version === 0) work.add(period);
  else work.change(period);
  const { contractId, lineKey, from, until, state, quantity } = period;
  work.tell(usageChanged(period, { contractId, lineKey, from, until, state, quantity, reason: reason ?? '' }));
  return period;
}
