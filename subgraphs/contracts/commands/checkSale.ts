import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { Product } from '../../../entities/customers/Product';
import { formatDecimal, sum, tally } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { anyOf } from '../../../entities/rows';
import { termsOf } from '../../../entities/terms/ofContract';
import { valueOf } from '../../../entities/terms/revenue';
import { type ContractTerms, lineOn } from '../../../entities/terms/terms';
import { Checks } from '../../checks';
import { taxedBooksOf } from '../../taxes';
import type { Work } from '../../work';

export interface SaleOfTerms {
  before: ContractTerms;
  after: ContractTerms;
  today: string;
}

/**
 * Whether what a contract is to sell can be taxed, and lies within the customer's credit. Everything against it is refused together: TAX_COUNTRY_MISSING, TAX_NEXUS_MISSING, TAX_RATE_MISSING,
 * CREDIT_LIMIT_EXCEEDED.
 */
export async function checkSale(work: Work, contract: Contract, sale: SaleOfTerms): Promise<void> {
  const customer = await work.read(Customer, contract.customerId);
  const checks = new Checks();
  await checkTaxes(work, checks, { ...sale, customer });
  await checks.look(() => checkCredit(work, contract, { ...sale, customer }));
  checks.done();
}

async function checkTaxes(work: Work, checks: Checks, { after, today, customer }: SaleOfTerms & { customer: Customer }): Promise<void> {
  const on = today < after.startDate ? after.startDate : today;
  const sellers = after.billedBy.filter(({ from }, index) => from > on || index === after.billedBy.findLastIndex((one) => one.from <= on));
  const sold = after.lines.filter((line) => line.steps.some(({ from, quantity }) => from > on && quantity !== '0') || lineOn(line, on).quantity > 0n);
  const products = await work.find(Product, { id: [...new Set(sold.map(({ productId }) => productId))] });
  const legalEntityIds = [...new Set(sellers.map(({ legalEntityId }) => legalEntityId))];
  const books = await taxedBooksOf(work.sql, { tenantId: work.tenantId, legalEntityIds, products, customer, on });
  for (const legalEntityId of legalEntityIds) for (const { id } of products) await checks.look(() => void books(legalEntityId, id));
}

/**
 * The exposure of a customer is what its invoices have open and what its running contracts come to beyond what was billed of them, in the currency of its limit. Only what makes a
 * contract worth more is measured against the limit: nobody is kept from buying less.
 */
async function checkCredit(work: Work, contract: Contract, { before, after, customer }: SaleOfTerms & { customer: Customer }): Promise<void> {
  const { creditLimitMinor, currency } = customer;
  if (creditLimitMinor === null || contract.currency !== currency || valueOf(after) <= valueOf(before)) return;
  await work.hold(`credit/${customer.id}`);
  const exposure = (await openOf(work, customer)) + (await unbilledOf(work, customer, { contract, after }));
  if (exposure <= creditLimitMinor) return;
  const text = `The customer would owe ${formatDecimal(exposure, currency)} ${currency}, billed and sold; its credit limit is ${formatDecimal(creditLimitMinor, currency)}.`;
  throw new Refusal('CREDIT_LIMIT_EXCEEDED', text, 'input');
}

async function openOf(work: Work, { id, currency }: Customer): Promise<bigint> {
  const text = "SELECT COALESCE(SUM(open_minor), 0) AS open FROM invoice WHERE tenant_id = ? AND customer_id = ? AND currency = ? AND settlement IN ('UNPAID', 'PARTLY_PAID')";
  const [row] = await work.sql.query<{ open: string | bigint }>(text, [work.tenantId, id, currency]);
  return BigInt(row!.open);
}

/** What the running contracts of a customer come to beyond what was billed of them; the one at hand as it would be. */
async function unbilledOf(work: Work, { id, currency }: Customer, { contract, after }: { contract: Contract; after: ContractTerms }): Promise<bigint> {
  const others = (await work.find(Contract, { customerId: id, state: ContractState.ACTIVE })).filter((one) => one.id !== contract.id && one.currency === currency);
  const all = [...others.map((one) => ({ contractId: one.id, terms: termsOf(one) })), { contractId: contract.id, terms: after }];
  const any = anyOf(work.sql, all.map(({ contractId }) => contractId));
  const byRun = `SELECT contract_id AS id, SUM(amount_minor) AS billed FROM billed_item WHERE tenant_id = ? AND contract_id ${any.text} GROUP BY contract_id`;
  const byHand = `SELECT contract_id AS id, SUM(net_minor) AS billed FROM invoice i WHERE tenant_id = ? AND contract_id ${any.text} AND state = 'ISSUED'
    AND NOT EXISTS (SELECT 1 FROM billed_item b WHERE b.tenant_id = i.tenant_id AND b.document_id = i.id) GROUP BY contract_id`;
  const rows = await work.sql.query<{ id: string; billed: string | bigint }>(`${byRun} UNION ALL ${byHand}`, [work.tenantId, ...any.params, work.tenantId, ...any.params]);
  const billed = new Map<string, bigint>();
  for (const row of rows) tally(billed, row.id, BigInt(row.billed));
  return sum(all.map(({ contractId, terms }) => valueOf(terms) - (billed.get(contractId) ?? 0n)).filter((left) => left > 0n));
}
