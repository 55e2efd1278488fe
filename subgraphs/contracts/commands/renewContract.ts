import { Contract } from '../../../entities/contracts/Contract';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { RenewContractInput } from '../api';
import { contractRenewed } from '../events';
import { changeLines } from '../rules';
import { CONTRACT_MOVES } from '../states';
import { publishContract, readLineChanges } from './publishContract';

/** Extends the term, and may change lines with it: version n+1. Refuses RENEWAL_SHORTENS. */
export async function renewContract(work: Work, input: RenewContractInput): Promise<Contract> {
  const contract = await work.lock(Contract, parseId(input.contractId, 'con', 'input.contractId'), input.expectedVersion);
  contract.state = move(CONTRACT_MOVES, contract.state, 'renew');
  if (input.endDate <= contract.endDate) {
    throw new Refusal('RENEWAL_SHORTENS', `The term already runs to ${contract.endDate}; a renewal must end later.`, 'input.endDate');
  }
  contract.endDate = input.endDate;
  contract.reason = readText(input.reason, 'input.reason');
  contract.lineItems = changeLines(contract.lineItems, await readLineChanges(work, input.lines, contract.currency), contract.currency);
  contract.withdraws = null;
  work.change(contract);
  await publishContract(work, contract, contractRenewed);
  return contract;
}
