import { Contract } from '../../../entities/contracts/Contract';
import { tally } from '../../../entities/money';
import { money, type Money } from '../../../entities/types';
import { hydrate, shapeOf } from '../../../entities/rows';
import type { Work } from '../../work';
import { billingFailed } from '../events';
import { billContracts } from './billContracts';

export interface DuePage {
  upTo: string;
  /** At most so many contracts in one transaction. */
  contractsMax: number;
  /** Only contracts whose id is above this one: for a dry run, which leaves everything due. */
  after?: string;
  /** Only contracts that this legal entity bills. */
  legalEntityId?: string;
  /** Waits for contracts that others have just locked, in place of passing over them. */
  waits?: boolean;
}

/** What one page of a billing run did. */
export interface BilledPage {
  contracts: number;
  invoices: number;
  creditMemos: number;
  /** Invoices less credit memos, tax included, by currency. */
  billed: Money[];
  failures: { contractId: string; code: string; message: string }[];
  /** The last contract of the page; null when there was none left. */
  last: string | null;
}

/**
 * Bills the contracts that are due, so many of them, passing over those that another run has just taken. Everything it goes by is in the database, so a run
 * that was cut off is gone on with by running it again. A contract that cannot be billed is told, and keeps nothing else waiting.
 */
export async function billDueContracts(work: Work, page: DuePage): Promise<BilledPage> {
  const { upTo } = page;
  const contracts = await lockDue(work, page);
  const { billings, failures } = await billContracts(work, contracts, upTo);
  for (const { contract, refusal } of failures) {
    const { number, customerId } = contract;
    work.tell(billingFailed(contract, { number, customerId, code: refusal.code, message: refusal.message }));
  }
  const totals = new Map<string, bigint>();
  for (const { invoices, creditMemos } of billings) {
    invoices.forEach(({ currency, totalMinor }) => tally(totals, currency, totalMinor));
    creditMemos.forEach(({ currency, totalMinor }) => tally(totals, currency, -totalMinor));
  }
  return {
    contracts: contracts.length,
    invoices: billings.reduce((all, { invoices }) => all + invoices.length, 0),
    creditMemos: billings.reduce((all, { creditMemos }) => all + creditMemos.length, 0),
    billed: [...totals].map(([currency, minor]) => money(minor, currency)),
    failures: failures.map(({ contract, refusal: { code, message } }) => ({ contractId: contract.id, code, message })),
    last: contracts.at(-1)?.id ?? null,
  };
}

async function lockDue(work: Work, { upTo, contractsMax, after, legalEntityId, waits }: DuePage): Promise<Contract[]> {
  const { list } = shapeOf(work.sql.source, Contract);
  const columns = list.split(', ').map((column) => `c.${column}`).join(', ');
  const lock = work.sql.dialect === 'mysql' ? ` FOR UPDATE${waits ? '' : ' SKIP LOCKED'}` : '';
  const given = [[' AND b.contract_id > ?', after], [' AND b.legal_entity_id = ?', legalEntityId]] as const;
  const asked = given.filter(([, value]) => value !== undefined); // no condition that is always true: it would lead the database to another index
  const rows = await work.sql.query(
    `SELECT ${columns} FROM billing_cursor b JOIN contract c ON c.tenant_id = b.tenant_id AND c.id = b.contract_id
     WHERE b.tenant_id = ? AND b.next_bill_on <= ?${asked.map(([text]) => text).join('')} ORDER BY ${after === undefined ? 'b.next_bill_on, ' : ''}b.contract_id LIMIT ${contractsMax}${lock}`,
    [work.tenantId, upTo, ...asked.map(([, value]) => value)],
  );
  return hydrate(work.sql, Contract, rows);
}
