import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { applyChange, upliftOf } from '../../../entities/terms/changes';
import { addDays, addMonths } from '../../../entities/terms/days';
import { columnsOf, termsOf } from '../../../entities/terms/ofContract';
import { move } from '../../move';
import type { Work } from '../../work';
import { contractAdvanced, contractRenewed } from '../events';
import { readUplift } from '../rules';
import { CONTRACT_MOVES } from '../states';
import { changeTerms } from './changeTerms';
import { publishContract } from './publishContract';

/**
 * Lets take effect what a contract has agreed for today or before: entitlements begin and end, a cancellation that waited for its day is carried
 * out, a term that is over is renewed by the contract's own rule or else expires. Nothing due changes nothing.
 */
export async function advanceContract(work: Work, { contractId }: { contractId: string }): Promise<Contract> {
  const contract = await work.lock(Contract, contractId);
  const { timeZone } = await work.read(LegalEntity, contract.legalEntityId);
  const today = work.today(timeZone);
  if (contract.nextChangeOn === null || contract.nextChangeOn > today || contract.state !== ContractState.ACTIVE) return contract;
  const cancelled = contract.cancelledFrom !== null && contract.cancelledFrom <= today;
  if (!cancelled && contract.endDate < today && contract.renewal) return renewByRule(work, contract, today);
  const verb = cancelled ? 'cancel' : contract.endDate < today ? 'expire' : 'advance';
  contract.state = move(CONTRACT_MOVES, contract.state, verb);
  contract.withdraws = null;
  Object.assign(contract, columnsOf(termsOf(contract), today, contract.currency));
  work.change(contract);
  await publishContract(work, contract, contractAdvanced);
  return contract;
}

async function renewByRule(work: Work, contract: Contract, today: string): Promise<Contract> {
  const { months, upliftPercent } = contract.renewal!;
  contract.state = move(CONTRACT_MOVES, contract.state, 'renew');
  const terms = termsOf(contract);
  const start = addDays(terms.endDate, 1);
  const extension = { kind: 'EXTEND' as const, endDate: addDays(addMonths(start, months), -1) };
  const uplift = upliftOf(applyChange(terms, extension), start, readUplift(upliftPercent, 'renewal.upliftPercent'));
  const part = { kind: AmendmentKind.RENEWAL, changes: [extension, ...uplift], effectiveDate: start };
  await changeTerms(work, contract, { parts: [part], reason: 'Renewed by its own rule', event: contractRenewed, today });
  return contract;
}
