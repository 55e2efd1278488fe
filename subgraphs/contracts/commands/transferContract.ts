import type { Contract } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { billerOn } from '../../../entities/terms/terms';
import type { Work } from '../../work';
import type { TransferContractInput } from '../api';
import { contractTransferred } from '../events';
import { effectiveDay } from '../rules';
import { changeTerms } from './changeTerms';
import { lockTerms } from './lockTerms';

/** Lets another legal entity bill from a day on: version n+1. Refuses LEGAL_ENTITY_SAME, PERIOD_BEFORE_FIRST, EFFECTIVE_OUT_OF_TERM. */
export async function transferContract(work: Work, input: TransferContractInput): Promise<Contract> {
  const { contract, terms, today, reason } = await lockTerms(work, input, 'transfer');
  const entity = await work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  const from = effectiveDay(terms, input.effectiveDate, today);
  if (billerOn(terms, from) === entity.id) throw new Refusal('LEGAL_ENTITY_SAME', `${entity.code} bills it on ${from} already.`, 'input.legalEntityId');
  if (from < entity.booksFrom) throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.effectiveDate');
  const part = { kind: AmendmentKind.TRANSFER, changes: [{ kind: 'TRANSFER' as const, from, legalEntityId: entity.id }], effectiveDate: from };
  await changeTerms(work, contract, { parts: [part], reason, event: contractTransferred, today, sells: true, expectedDigest: input.expectedDigest });
  return contract;
}
