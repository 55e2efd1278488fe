import { parseId } from '../../../entities/ids';
import { UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { ApproveUsageInput } from '../api/usage';
import { dueToday } from './dueToday';
import { moveUsage } from './recountUsage';

/** Lets held usage be billed as it is counted. Events that come in afterwards have it counted, and looked at, anew. */
export async function approveUsage(work: Work, input: ApproveUsageInput): Promise<UsagePeriod> {
  const period = await work.lock(UsagePeriod, parseId(input.usageId, 'usg', 'input.usageId'), input.expectedVersion);
  moveUsage(work, period, { verb: 'approve', reason: readText(input.reason, 'input.reason') });
  await dueToday(work, period.contractId);
  return period;
}
