import type { Contract } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import type { Work } from '../../work';
import type { AmendContractInput } from '../api';
import { contractAmended } from '../events';
import { effectiveDay } from '../rules';
import { changeTerms } from './changeTerms';
import { lockTerms } from './lockTerms';
import { readLines } from './readLines';
import { standAlonePrices } from './standAlonePrices';

/** Changes lines of a contract from a day on: version n+1. Lines not named stay as they are. Refuses EFFECTIVE_OUT_OF_TERM and what `readLines` refuses. */
export async function amendContract(work: Work, input: AmendContractInput): Promise<Contract> {
  const { contract, terms, today, reason } = await lockTerms(work, input, 'amend');
  const from = effectiveDay(terms, input.effectiveDate, today);
  const { activationDate, acceptanceDate, expectedDigest } = input;
  const changes = await readLines(work, input.lines, { terms, currency: contract.currency, from, activates: activationDate ?? from, billedByRun: contract.billingFrom !== null, prices: await standAlonePrices(work, contract.priceBookId, from) });
  const part = { kind: AmendmentKind.AMENDMENT, changes, effectiveDate: from, activationDate, acceptanceDate };
  await changeTerms(work, contract, { parts: [part], reason, event: contractAmended, today, sells: true, expectedDigest });
  return contract;
}
