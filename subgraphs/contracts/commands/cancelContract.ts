import type { Contract, ContractState } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import { move } from '../../move';
import type { Work } from '../../work';
import type { CancelContractInput } from '../api';
import { contractCancelled } from '../events';
import { effectiveDay } from '../rules';
import { CONTRACT_MOVES } from '../states';
import { changeTerms } from './changeTerms';
import { lockTerms } from './lockTerms';

/**
 * Ends a contract and its entitlements from a day on, today if none is said: version n+1. What was invoiced stays due until the billing run
 * credits what lies behind that day. A day to come is kept until it is there. Refuses EFFECTIVE_OUT_OF_TERM.
 */
export async function cancelContract(work: Work, input: CancelContractInput): Promise<Contract> {
  const { contract, terms, today, reason } = await lockTerms(work, input, 'cancel');
  const from = effectiveDay(terms, input.effectiveDate, today);
  if (from <= today) contract.state = move<ContractState>(CONTRACT_MOVES, contract.state, 'cancel');
  const part = { kind: AmendmentKind.CANCELLATION, changes: [{ kind: 'CANCEL' as const, from }], effectiveDate: from };
  await changeTerms(work, contract, { parts: [part], reason, event: contractCancelled, today, expectedDigest: input.expectedDigest });
  return contract;
}
