import { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { termsOf } from '../../../entities/terms/ofContract';
import type { ContractTerms } from '../../../entities/terms/terms';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { TermsInput } from '../api';
import { CONTRACT_MOVES } from '../states';

/** A contract about to be changed. */
export interface LockedTerms {
  contract: Contract;
  terms: ContractTerms;
  /** In the zone of the legal entity that bills now. */
  today: string;
  reason: string;
}

/** Locks a contract, checks that it may go through the change, and reads what every change says. */
export async function lockTerms(work: Work, input: TermsInput, verb: string): Promise<LockedTerms> {
  const contract = await work.lock(Contract, parseId(input.contractId, 'con', 'input.contractId'), input.expectedVersion);
  move(CONTRACT_MOVES, contract.state, verb);
  const reason = readText(input.reason, 'input.reason');
  const { timeZone } = await work.read(LegalEntity, contract.legalEntityId);
  return { contract, terms: termsOf(contract), today: work.today(timeZone), reason };
}
