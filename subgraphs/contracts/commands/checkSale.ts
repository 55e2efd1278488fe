import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { Product } from '../../../entities/customers/Product';
import { formatDecimal, sum, tally } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { anyOf } from '../../../entities/rows';
import { termsOf } from '../../../entities/terms/ofContract';
import { valueOf } from '../../../entities/terms/revenue';
import { type ContractTerms, lineOn } from '../../../entities/terms/terms';
import { booksOf } from '../../accounting';
import { Checks } from '../../checks';
import { payerGroup, payerOf } from '../../payers';
import { taxed, taxesOf } from '../../taxes';
import type { Work } from '../../work';

export interface SaleOfTerms {
  before: ContractTerms;
  after: ContractTerms;
  today: string;
}

/**
 * Whether what a contract is to sell can be taxed, and lies within the credit of who pays. Everything against it is refused together: TAX_COUNTRY_MISSING, TAX_NEXUS_MISSING, TAX_RATE_MISSING,
 * CREDIT_LIMIT_EXCEEDED.
 */
export async function checkSale(work: Work, contract: Contract, sale: SaleOfTerms): Promise<void> {
  const { after, today } = sale;
  const on = today < after.startDate ? after.startDate : today;
  const owners: Customer[] = [];
  for (const { customerId } of fromOn(after.ownedBy, on)) owners.push(await work.read(Customer, customerId));
  const checks = new Checks();
  await checkTaxes(work, checks, { after, on, owners });
  const payers = new Set<Customer>();
  for (const owner of owners) payers.add(await payerOf(work, owner));
  for (const payer of payers) await checks.look(() => checkCredit(work, contract, { ...sale, payer }));
  checks.done();
}

/** What holds on a day, and what will after it. */
const fromOn = <T extends { from: string }>(entries: readonly T[], on: string): T[] =>
  entries.filter(({ from }, index) => from > on || index === entries.findLastIndex((one) => one.from <= on));

async function checkTaxes(work: Work, checks: Checks, { after, on, owners }: { after: ContractTerms; on: string; owners: readonly Customer[] }): Promise<void> {
  const sold = after.lines.filter((line) => line.steps.some(({ from, quantity }) => from > on && quantity !== '0') || lineOn(line, on).quantity > 0n);
  const products = await work.find(Product, { id: [...new Set(sold.map(({ productId }) => productId))] });
  const whose = { tenantId: work.tenantId, legalEntityIds: [...new Set(fromOn(after.billedBy, on).map(({ legalEntityId }) => legalEntityId))] };
  const [plain, taxes] = [await booksOf(work.sql, { ...whose, products }), await taxesOf(work.sql, whose)];
  for (const customer of owners) {
    const books = taxed(plain, taxes, { customer, on });
    for (const legalEntityId of whose.legalEntityIds) for (const { id } of products) await checks.look(() => void books(legalEntityId, id));
  }
}

/**
 * The exposure of who pays is what its invoices have open and what the running contracts of all it pays for come to beyond what was billed of them, in the currency of its limit. Only what
 * makes it owe more is measured against the limit: nobody is kept from buying less.
 */
async function checkCredit(work: Work, contract: Contract, { before, after, payer }: SaleOfTerms & { payer: Customer }): Promise<void> {
  const { creditLimitMinor, currency } = payer;
  if (creditLimitMinor === null || contract.currency !== currency) return;
  const group = await payerGroup(work.sql, work.tenantId, [payer.id]);
  if (valueFor(after, group) <= valueFor(before, group)) return;
  await work.hold(`credit/${payer.id}`);
  const exposure = (await openOf(work, group, currency)) + (await unbilledOf(work, group, { contract, after }));
  if (exposure <= creditLimitMinor) return;
  const text = `The customer would owe ${formatDecimal(exposure, currency)} ${currency}, billed and sold; its credit limit is ${formatDecimal(creditLimitMinor, currency)}.`;
  throw new Refusal('CREDIT_LIMIT_EXCEEDED', text, 'input');
}

/** What terms come to while one of these customers has the contract. */
const valueFor = (terms: ContractTerms, customerIds: readonly string[]): bigint => valueOf(terms, ({ customerId }) => customerIds.includes(customerId));

async function openOf(work: Work, group: readonly string[], currency: string): Promise<bigint> {
  const any = anyOf(work.sql, group);
  const text = `SELECT COALESCE(SUM(open_minor), 0) AS open FROM invoice WHERE tenant_id = ? AND customer_id ${any.text} AND currency = ? AND settlement IN ('UNPAID', 'PARTLY_PAID')`;
  const [row] = await work.sql.query<{ open: string | bigint }>(text, [work.tenantId, ...any.params, currency]);
  return BigInt(row!.open);
}

/** What the running contracts of customers come to beyond what was billed of them; the one at hand as it would be. */
async function unbilledOf(work: Work, group: readonly string[], { contract, after }: { contract: Contract; after: ContractTerms }): Promise<bigint> {
  const others = (await work.find(Contract, { customerId: [...group], state: ContractState.ACTIVE })).filter((one) => one.id !== contract.id && one.currency === contract.currency);
  const all = [...others.map((one) => ({ contractId: one.id, terms: termsOf(one) })), { contractId: contract.id, terms: after }];
  const any = anyOf(work.sql, all.map(({ contractId }) => contractId));
  const whose = anyOf(work.sql, group);
  const byRun = `SELECT contract_id AS id, SUM(amount_minor) AS billed FROM billed_item WHERE tenant_id = ? AND contract_id ${any.text} AND customer_id ${whose.text} GROUP BY contract_id`;
  const byHand = `SELECT contract_id AS id, SUM(net_minor) AS billed FROM invoice i WHERE tenant_id = ? AND contract_id ${any.text} AND customer_id ${whose.text} AND state = 'ISSUED'
    AND NOT EXISTS (SELECT 1 FROM billed_item b WHERE b.tenant_id = i.tenant_id AND b.document_id = i.id) GROUP BY contract_id`;
  const params = [work.tenantId, ...any.params, ...whose.params];
  const rows = await work.sql.query<{ id: string; billed: string | bigint }>(`${byRun} UNION ALL ${byHand}`, [...params, ...params]);
  const billed = new Map<string, bigint>();
  for (const row of rows) tally(billed, row.id, BigInt(row.billed));
  return sum(all.map(({ contractId, terms }) => valueFor(terms, group) - (billed.get(contractId) ?? 0n)).filter((left) => left > 0n));
}
