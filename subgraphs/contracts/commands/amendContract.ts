import { Contract } from '../../../entities/contracts/Contract';
import { parseId } from '../../../entities/ids';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { AmendContractInput } from '../api';
import { contractAmended } from '../events';
import { changeLines } from '../rules';
import { CONTRACT_MOVES } from '../states';
import { publishContract, readLineChanges } from './publishContract';

/** Changes lines of a contract: version n+1. Lines not named stay as they are. */
export async function amendContract(work: Work, input: AmendContractInput): Promise<Contract> {
  const contract = await work.lock(Contract, parseId(input.contractId, 'con', 'input.contractId'), input.expectedVersion);
  contract.state = move(CONTRACT_MOVES, contract.state, 'amend');
  contract.reason = readText(input.reason, 'input.reason');
  contract.lineItems = changeLines(contract.lineItems, await readLineChanges(work, input.lines, contract.currency), contract.currency);
  contract.withdraws = null;
  work.change(contract);
  await publishContract(work, contract, contractAmended);
  return contract;
}
