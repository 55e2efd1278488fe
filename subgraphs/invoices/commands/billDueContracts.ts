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
  /** Contracts whose payers want one invoice, all that are due of as many payers as the page has room for; else the others. */
  consolidated?: boolean;
  /** Only contracts whose id is above this one, of consolidated ones only payers: for a dry run, which leaves everything due. */
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
  /** The last contract of the page, or its last payer; null when there was none left. */
  last: string | null;
}

/**
 * Bills the contracts that are due, so many of them, passing over those that another run has just taken. Everything it goes by is in the database, so a run
 * that was cut off is gone on with by running it again. A contract that cannot be billed is told, and keeps nothing else waiting.
 */
export async function billDueContracts(work: Work, page: DuePage): Promise<BilledPage> {
  const { upTo } = page;
  const { contracts, last } = await lockDue(work, page);
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
    last,
  };
}

async function lockDue(work: Work, page: DuePage): Promise<{ contracts: Contract[]; last: string | null }> {
  const { upTo, contractsMax, after, legalEntityId, waits } = page;
  const { list } = shapeOf(work.sql.source, Contract);
  const columns = list.split(', ').map((column) => `c.${column}`).join(', ');
  const payers = page.consolidated ? await duePayers(work, page) : undefined;
  if (payers?.length === 0) return { contracts: [], last: null };
  const lock = work.sql.dialect === 'mysql' ? ` FOR UPDATE${waits || payers ? '' : ' SKIP LOCKED'}` : '';
  const alone: [string, unknown][] = [["COALESCE(b.consolidated_for, '') = ?", ''], ['b.contract_id > ?', after]]; // so written that no index is chosen for it
  const together: [string, unknown][] = [[`b.consolidated_for IN (${(payers ?? []).map(() => '?').join(', ')})`, payers]];
  const asked = given([...(payers ? together : alone), ['b.legal_entity_id = ?', legalEntityId]]);
  const order = payers ? 'b.consolidated_for, b.contract_id' : after === undefined ? 'b.next_bill_on, b.contract_id' : 'b.contract_id';
  const rows = await work.sql.query<Record<string, unknown>>(
    `SELECT ${columns}, b.consolidated_for FROM billing_cursor b JOIN contract c ON c.tenant_id = b.tenant_id AND c.id = b.contract_id
     WHERE b.tenant_id = ? AND b.next_bill_on <= ?${asked.text} ORDER BY ${order} LIMIT ${payers ? TOGETHER_MAX : contractsMax}${lock}`,
    [work.tenantId, upTo, ...asked.params],
  );
  const contracts = hydrate(work.sql, Contract, rows);
  const last = (payers ? rows.at(-1)?.['consolidated_for'] : contracts.at(-1)?.id) as string | undefined;
  return { contracts, last: last ?? null };
}

/** Payers for whom something is due that they want on one invoice: as many as a page holds with all of theirs, or the first of them. */
async function duePayers(work: Work, { upTo, contractsMax, after, legalEntityId }: DuePage): Promise<string[]> {
  const asked = given([['b.consolidated_for > ?', after ?? ''], ['b.legal_entity_id = ?', legalEntityId]]);
  const rows = await work.sql.query<{ payer: string; n: unknown }>(
    `SELECT b.consolidated_for AS payer, COUNT(*) AS n FROM billing_cursor b WHERE b.tenant_id = ? AND b.next_bill_on <= ?${asked.text} GROUP BY b.consolidated_for ORDER BY b.consolidated_for LIMIT ${contractsMax}`,
    [work.tenantId, upTo, ...asked.params],
  );
  let contracts = 0;
  return rows.filter(({ n }, index) => (contracts += Number(n)) <= contractsMax || index === 0).map(({ payer }) => payer);
}

/** Conditions for what is asked for. No condition that is always true: it would lead the database to another index. */
function given(conditions: readonly [string, unknown][]): { text: string; params: unknown[] } {
  const asked = conditions.filter(([, value]) => value !== undefined);
  return { text: asked.map(([text]) => ` AND ${text}`).join(''), params: asked.flatMap(([, value]) => value) };
}
