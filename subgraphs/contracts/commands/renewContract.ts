import type { Contract, ContractState } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import { Refusal } from '../../../entities/refusal';
import { applyChange, type TermsChange, upliftOf } from '../../../entities/terms/changes';
import { addDays } from '../../../entities/terms/days';
import { move } from '../../move';
import type { Work } from '../../work';
import type { RenewContractInput } from '../api';
import { contractRenewed } from '../events';
import { effectiveDay, readUplift } from '../rules';
import { CONTRACT_MOVES } from '../states';
import { type AmendmentPart, changeTerms } from './changeTerms';
import { type LockedTerms, lockTerms } from './lockTerms';
import { readLines } from './readLines';
import { standAlonePrices } from './standAlonePrices';

/**
 * Adds a term behind the last one, early, in time or late, without a gap; version n+1. Changes of lines that take effect before the new term
 * are an amendment beside the renewal, each with an id of its own. Refuses RENEWAL_SHORTENS, UPLIFT_INVALID and what `readLines` refuses.
 */
export async function renewContract(work: Work, input: RenewContractInput): Promise<Contract> {
  const locked = await lockTerms(work, input, 'renew');
  const { contract, terms, today, reason } = locked;
  if (input.endDate <= terms.endDate) {
    throw new Refusal('RENEWAL_SHORTENS', `The term already runs to ${terms.endDate}; a renewal must end later.`, 'input.endDate');
  }
  contract.state = move<ContractState>(CONTRACT_MOVES, contract.state, 'renew');
  const parts = await partsOf(work, input, locked);
  await changeTerms(work, contract, { parts, reason, event: contractRenewed, today, sells: true, expectedDigest: input.expectedDigest });
  return contract;
}

async function partsOf(work: Work, input: RenewContractInput, { contract, terms }: LockedTerms): Promise<AmendmentPart[]> {
  const { acceptanceDate } = input;
  const start = addDays(terms.endDate, 1);
  const extension: TermsChange = { kind: 'EXTEND', endDate: input.endDate };
  const extended = applyChange(terms, extension);
  const from = effectiveDay(extended, input.effectiveDate ?? start, start);
  const lines = await readLines(work, input.lines, { terms: extended, currency: contract.currency, from, activates: from, billedByRun: contract.billingFrom !== null, prices: await standAlonePrices(work, contract.priceBookId, from) });
  const early = from < start && lines.length > 0;
  const amendment = { kind: AmendmentKind.AMENDMENT, changes: lines, effectiveDate: from, acceptanceDate };
  const after = early ? lines.reduce(applyChange, extended) : extended;
  const uplift = input.upliftPercent ? upliftOf(after, start, readUplift(input.upliftPercent, 'input.upliftPercent')) : [];
  const renewal = { kind: AmendmentKind.RENEWAL, changes: [extension, ...uplift, ...(early ? [] : lines)], effectiveDate: start, acceptanceDate };
  return early ? [amendment, renewal] : [renewal];
}
