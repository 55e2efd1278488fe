import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { digitsOf } from '../../../entities/money';
import { ResourceVersion } from '../../../entities/operations/ResourceVersion';
import { Refusal } from '../../../entities/refusal';
import { ProrationPolicy } from '../../../entities/terms/proration';
import { selectRows } from '../../../entities/rows';
import { canonicalJson } from '../../../sync/canonical';
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
  if (existing) return sameContract(work, existing, wanted);
  const contract = work.add(Object.assign(new Contract(), { ...wanted, state: ContractState.ACTIVE, reason: null, withdraws: null, proration: ProrationPolicy.DAY_ACTUAL,
    termSpans: null, cancelledFrom: null, billedBy: null, suspensions: null, renewal: null, priceBookId: null, nextChangeOn: null }));
  await publishContract(work, contract, contractCreated);
  return contract;
}

/** The contract of this number, if it began as the one described; what became of it since is no difference. */
async function sameContract(work: Work, existing: Contract, wanted: Partial<Contract>): Promise<Contract> {
  const where = { tenantId: work.tenantId, resourceId: existing.id, version: 1 };
  const [first] = await selectRows(work.sql, ResourceVersion, { where });
  const differs = (['customerId', 'legalEntityId', 'currency', 'startDate', 'endDate', 'lineItems'] as const).find(
    (field) => canonicalJson(first!.body[field]) !== canonicalJson(wanted[field]),
  );
  if (differs === undefined) return existing;
  const path = `input.${differs === 'lineItems' ? 'lines' : differs}`;
  throw new Refusal('DOCUMENT_DIFFERS', `Contract ${existing.number} was created otherwise; amend it, or use another number.`, path);
}
