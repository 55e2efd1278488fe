import type { Contract } from '../../../entities/contracts/Contract';
import { ExceptionItem, ExceptionKind, ExceptionState } from '../../../entities/operations/ExceptionItem';
import type { Work } from '../../work';
import { billingRecovered } from '../events';

/** Tells of contracts that could not be billed before, and are now. */
export async function tellRecovered(work: Work, billed: readonly Contract[]): Promise<void> {
  const open = await work.find(ExceptionItem, { kind: ExceptionKind.BILLING_FAILED, state: ExceptionState.OPEN, subjectId: billed.map(({ id }) => id) });
  for (const contract of billed.filter(({ id }) => open.some(({ subjectId }) => subjectId === id))) {
    work.tell(billingRecovered(contract, { number: contract.number, customerId: contract.customerId }));
  }
}
