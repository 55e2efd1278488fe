import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { digitsOf } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { CreateContractInput } from '../api';
import { contractCreated } from '../events';
import { changeLines, checkTerm } from '../rules';
import { publishContract, readLineChanges } from './publishContract';

/** Creates version 1 of a contract. The same contract again is answered as it is; a different one under its number is refused. */
export async function createContract(work: Work, input: CreateContractInput): Promise<Contract> {
  const number = readText(input.number, 'input.number');
  digitsOf(input.currency, 'input.currency');
  checkTerm(input.startDate, input.endDate);
  const customer = await work.read(Customer, parseId(input.customerId, 'cus', 'input.customerId'), 'input.customerId');
  const entity = await work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  if (input.startDate < entity.booksFrom) {
    throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.startDate');
  }
  const lineItems = changeLines([], await readLineChanges(work, input.lines, input.currency), input.currency);
  const id = work.id('con', { system: 'crm', type: 'contract', key: number });
  const wanted = {
    id,
    number,
    customerId: customer.id,
    legalEntityId: entity.id,
    startDate: input.startDate,
    endDate: input.endDate,
    currency: input.currency,
    lineItems,
  };
  const existing = await work.peek(Contract, id);
  if (existing) return sameContract(existing, wanted);
  const contract = work.add(Object.assign(new Contract(), { ...wanted, state: ContractState.ACTIVE, reason: null }));
  await publishContract(work, contract, contractCreated);
  return contract;
}

function sameContract(existing: Contract, wanted: Partial<Contract>): Contract {
  const differs = (['customerId', 'legalEntityId', 'currency', 'startDate'] as const).find((field) => existing[field] !== wanted[field]);
  if (differs === undefined) return existing;
  const text = `Contract ${existing.number} exists with another ${differs}; amend it, or use another number.`;
  throw new Refusal('DOCUMENT_DIFFERS', text, `input.${differs}`);
}
