import { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { Work } from '../../work';
import type { BillContractInput } from '../api';
import { billContracts } from './billContracts';

/** The documents that a contract's billing made; the ids are for ever. */
export interface ContractBilling {
  contractId: string;
  invoiceIds: string[];
  creditMemoIds: string[];
  nextBillOn: string | null;
}

/** Bills one contract up to a day, today if none is said. Doing it again does nothing. Refuses BILLING_BY_HAND, BILLING_IN_FUTURE. */
export async function billContract(work: Work, input: BillContractInput): Promise<ContractBilling> {
  const contract = await work.lock(Contract, parseId(input.contractId, 'con', 'input.contractId'));
  if (contract.billingFrom === null) {
    throw new Refusal('BILLING_BY_HAND', `Contract ${contract.number} is not billed by the run; issue its invoices one by one.`, 'input.contractId');
  }
  const { timeZone } = await work.read(LegalEntity, contract.legalEntityId);
  const today = work.today(timeZone);
  const upTo = input.upTo ?? today;
  if (upTo > today) throw new Refusal('BILLING_IN_FUTURE', `It is ${today} there; nothing is billed before its day.`, 'input.upTo');
  const { billings, failures } = await billContracts(work, [contract], upTo);
  if (failures[0]) throw failures[0].refusal;
  const { contractId, invoices, creditMemos, nextBillOn } = billings[0]!;
  return { contractId, nextBillOn, invoiceIds: invoices.map(({ id }) => id), creditMemoIds: creditMemos.map(({ id }) => id) };
}
