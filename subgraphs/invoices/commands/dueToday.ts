import { Contract } from '../../../entities/contracts/Contract';
import type { Work } from '../../work';
import { setBillingCursors } from './setBillingCursors';

/** A contract has changed: the billing run looks at it again, if it bills it. What is owed less what was billed says then what there is to do. */
export async function dueToday(work: Work, contractId: string): Promise<void> {
  const contract = await work.read(Contract, contractId);
  if (contract.billingFrom !== null) await setBillingCursors(work, new Map([[contract, contract.billingFrom]]));
}
