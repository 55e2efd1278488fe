import { Contract } from '../../../entities/contracts/Contract';
import { tally } from '../../../entities/money';
import { money, type Money } from '../../../entities/types';
import { hydrate, shapeOf } from '../../../entities/rows';
import type { Work } from '../../work';
import { billingFailed } from '../events';
import { billContracts } from './billContracts';

/** So many contracts of one payer at once; what is beyond that comes on another invoice. */
const TOGETHER_MAX = 1_000;

export interface DuePage {
  upTo: string;
  /** At most so many contracts in one transaction. */
  contractsMax: number;
  /** All that is due of these payers, who want one invoice; left out, contracts that have invoices of their own. */
  payers?: readonly string[];
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
  const invoices = [...new Set(billings.flatMap((billing) => billing.invoices))];
  const creditMemos = billings.flatMap((billing) => billing.creditMemos);
  const totals = new Map<string, bigint>();
  invoices.forEach(({ currency, totalMinor }) => tally(totals, currency, totalMinor));
  creditMemos.forEach(({ currency, totalMinor }) => tally(totals, currency, -totalMinor));
  return {
    contracts: contracts.length,
    invoices: invoices.length,
    creditMemos: creditMemos.length,
    billed: [...totals].map(([currency, minor]) => money(minor, currency)),
    failures: failures.map(({ contract, refusal: { code, message } }) => ({ contractId: contract.id, code, message })),
    last: contracts.at(-1)?.id ?? null,
  };
}

async function lockDue(work: Work, { upTo, contractsMax, after, legalEntityId, payers, waits }: DuePage): Promise<Contract[]> {
  const { list } = shapeOf(work.sql.source, Contract);
  const columns = list.split(', ').map((column) => `c.${column}`).join(', ');
  const lock = work.sql.dialect === 'mysql' ? ` FOR UPDATE${waits || payers ? '' : ' SKIP LOCKED'}` : '';
  const given: [string, unknown][] = [
    payers ? [`b.consolidated_for IN (${payers.map(() => '?').join(', ')})`, payers] : ["COALESCE(b.consolidated_for, '') = ?", ''], // so written that no index is chosen for it
    ['b.contract_id > ?', after],
    ['b.legal_entity_id = ?', legalEntityId],
  ];
  const asked = given.filter(([, value]) => value !== undefined); // no condition that is always true: it would lead the database to another index
  const order = after === undefined && !payers ? 'b.next_bill_on, b.contract_id' : 'b.contract_id';
  const rows = await work.sql.query(
    `SELECT ${columns} FROM billing_cursor b JOIN contract c ON c.tenant_id = b.tenant_id AND c.id = b.contract_id
     WHERE b.tenant_id = ? AND b.next_bill_on <= ?${asked.map(([text]) => ` AND ${text}`).join('')} ORDER BY ${order} LIMIT ${payers ? TOGETHER_MAX : contractsMax}${lock}`,
    [work.tenantId, upTo, ...asked.flatMap(([, value]) => value)],
  );
  return hydrate(work.sql, Contract, rows);
}
