import { Contract } from '../../../entities/contracts/Contract';
import { parseId } from '../../../entities/ids';
import { billableUsage, UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { termsOf } from '../../../entities/terms/ofContract';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { ApproveUsageInput } from '../api/usage';
import { dueToday } from './dueToday';
import { publishUsage } from './publishUsage';
import { moveUsage } from './recountUsage';

/** Lets held usage be billed as it is counted. Events that come in afterwards have it counted, and looked at, anew. */
export async function approveUsage(work: Work, input: ApproveUsageInput): Promise<UsagePeriod> {
  const period = await work.lock(UsagePeriod, parseId(input.usageId, 'usg', 'input.usageId'), input.expectedVersion);
  moveUsage(work, period, { verb: 'approve', reason: readText(input.reason, 'input.reason') });
  const contract = await work.read(Contract, period.contractId);
  const usage = billableUsage(await work.find(UsagePeriod, { contractId: contract.id }));
  await publishUsage(work, contract, { terms: { ...termsOf(contract), usage }, periods: [period] });
  await dueToday(work, contract.id);
  return period;
}
