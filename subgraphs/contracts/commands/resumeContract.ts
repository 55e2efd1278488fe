import type { Contract } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import type { Work } from '../../work';
import type { ResumeContractInput } from '../api';
import { contractResumed } from '../events';
import { checkResumable, effectiveDay } from '../rules';
import { changeTerms } from './changeTerms';
import { lockTerms } from './lockTerms';

/** Lets service and charges go on from a day on: version n+1. Refuses NOT_SUSPENDED, EFFECTIVE_OUT_OF_TERM. */
export async function resumeContract(work: Work, input: ResumeContractInput): Promise<Contract> {
  const { contract, terms, today, reason } = await lockTerms(work, input, 'resume');
  const from = effectiveDay(terms, input.effectiveDate, today);
  checkResumable(terms, from);
  const part = { kind: AmendmentKind.RESUMPTION, changes: [{ kind: 'RESUME' as const, from }], effectiveDate: from };
  await changeTerms(work, contract, { parts: [part], reason, event: contractResumed, today, expectedDigest: input.expectedDigest });
  return contract;
}
