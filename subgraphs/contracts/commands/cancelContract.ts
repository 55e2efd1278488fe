import { Contract } from '../../../entities/contracts/Contract';
import { parseId } from '../../../entities/ids';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { CancelContractInput } from '../api';
import { contractCancelled } from '../events';
import { CONTRACT_MOVES } from '../states';
import { publishContract } from './publishContract';

/** Ends a contract and its entitlements; what was invoiced stays due until it is credited. */
export async function cancelContract(work: Work, input: CancelContractInput): Promise<Contract> {
  const contract = await work.lock(Contract, parseId(input.contractId, 'con', 'input.contractId'), input.expectedVersion);
  contract.state = move(CONTRACT_MOVES, contract.state, 'cancel');
  contract.reason = readText(input.reason, 'input.reason');
  contract.withdraws = null;
  work.change(contract);
  await publishContract(work, contract, contractCancelled);
  return contract;
}
