import type { Contract } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import type { Work } from '../../work';
import type { SuspendContractInput } from '../api';
import { contractSuspended } from '../events';
import { checkSuspension, effectiveDay } from '../rules';
import { changeTerms } from './changeTerms';
import { lockTerms } from './lockTerms';

/** Stops service and charges from a day on, to a day or until they are resumed: version n+1. Refuses SUSPENSION_INVALID, SUSPENSION_OVERLAPS, EFFECTIVE_OUT_OF_TERM. */
export async function suspendContract(work: Work, input: SuspendContractInput): Promise<Contract> {
  const { contract, terms, today, reason } = await lockTerms(work, input, 'suspend');
  const pause = { from: effectiveDay(terms, input.effectiveDate, today), until: input.until ?? null };
  checkSuspension(terms, pause);
  const part = { kind: AmendmentKind.SUSPENSION, changes: [{ kind: 'SUSPEND' as const, ...pause }], effectiveDate: pause.from };
  await changeTerms(work, contract, { parts: [part], reason, event: contractSuspended, today, expectedDigest: input.expectedDigest });
  return contract;
}
