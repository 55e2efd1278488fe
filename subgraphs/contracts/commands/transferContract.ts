import type { Contract } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { TermsChange } from '../../../entities/terms/changes';
import { billerOn, ownerOn } from '../../../entities/terms/terms';
import type { Work } from '../../work';
import type { TransferContractInput } from '../api';
import { contractTransferred } from '../events';
import { effectiveDay } from '../rules';
import { changeTerms } from './changeTerms';
import { type LockedTerms, lockTerms } from './lockTerms';

/**
 * Lets another legal entity bill from a day on, or another customer have the contract, or both: version n+1. Refuses TRANSFER_EMPTY, LEGAL_ENTITY_SAME, CUSTOMER_SAME, PERIOD_BEFORE_FIRST,
 * EFFECTIVE_OUT_OF_TERM.
 */
export async function transferContract(work: Work, input: TransferContractInput): Promise<Contract> {
  const locked = await lockTerms(work, input, 'transfer');
  const { contract, terms, today, reason } = locked;
  const from = effectiveDay(terms, input.effectiveDate, today);
  const changes: TermsChange[] = [];
  if (input.legalEntityId) changes.push({ kind: 'TRANSFER', from, legalEntityId: await readBiller(work, input.legalEntityId, { ...locked, from }) });
  if (input.customerId) changes.push({ kind: 'OWNER', from, customerId: await readOwner(work, input.customerId, { ...locked, from }) });
  if (changes.length === 0) throw new Refusal('TRANSFER_EMPTY', 'Say who is to bill it, or who is to have it.', 'input');
  const part = { kind: AmendmentKind.TRANSFER, changes, effectiveDate: from };
  await changeTerms(work, contract, { parts: [part], reason, event: contractTransferred, today, sells: true, expectedDigest: input.expectedDigest });
  return contract;
}

type At = LockedTerms & { from: string };

async function readBiller(work: Work, id: string, { terms, from }: At): Promise<string> {
  const path = 'input.legalEntityId';
  const entity = await work.read(LegalEntity, parseId(id, 'ent', path), path);
  if (billerOn(terms, from) === entity.id) throw new Refusal('LEGAL_ENTITY_SAME', `${entity.code} bills it on ${from} already.`, path);
  if (from < entity.booksFrom) throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.effectiveDate');
  return entity.id;
}

async function readOwner(work: Work, id: string, { terms, from }: At): Promise<string> {
  const path = 'input.customerId';
  const customer = await work.read(Customer, parseId(id, 'cus', path), path);
  if (ownerOn(terms, from) === customer.id) throw new Refusal('CUSTOMER_SAME', `${customer.name} has it on ${from} already.`, path);
  return customer.id;
}
