import type { Contract } from '../../../entities/contracts/Contract';
import { ContractPreview, type PreviewedClosedPeriod, type PreviewedRevenue } from '../../../entities/contracts/ContractPreview';
import { Customer } from '../../../entities/customers/Customer';
import { Product } from '../../../entities/customers/Product';
import { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { BilledItem, netOf } from '../../../entities/invoices/BilledItem';
import { billableUsage, UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { selectRows, type Sql } from '../../../entities/rows';
import { firstMonthOutside } from '../../../entities/terms/days';
import type { ContractTerms } from '../../../entities/terms/terms';
import { canonicalJson, sha256 } from '../../../sync/canonical';
import { booksOf } from '../../accounting';
import { taxed, taxesOf } from '../../taxes';
import { billingEffects } from './billingEffects';
import { changeEffects } from './changeEffects';

export interface Change {
  /** The contract as it would be. */
  contract: Contract;
  before: ContractTerms;
  after: ContractTerms;
  /** In the zone of the legal entity. */
  today: string;
}

/** What a change of a contract brings, and a digest of all of it. The same for a preview and for what is carried out. */
export async function effectsOf(sql: Sql, change: Change): Promise<ContractPreview> {
  const { contract } = change;
  const { tenantId } = contract;
  const usage = billableUsage(await selectRows(sql, UsagePeriod, { where: { tenantId, contractId: contract.id } }));
  const [before, after] = [{ ...change.before, usage }, { ...change.after, usage }];
  const products = await selectRows(sql, Product, { where: { tenantId, id: [...new Set(after.lines.map(({ productId }) => productId))] } });
  const legalEntityIds = [...new Set([...after.billedBy, ...before.billedBy].map((entry) => entry.legalEntityId))];
  const customerIds = [...new Set([...after.ownedBy, ...before.ownedBy].map((entry) => entry.customerId))];
  const owners = new Map((await selectRows(sql, Customer, { where: { tenantId, id: customerIds } })).map((customer) => [customer.id, customer]));
  const [books, taxes] = [await booksOf(sql, { tenantId, legalEntityIds, products }), await taxesOf(sql, { tenantId, legalEntityIds })];
  const booksFor = (customerId: string) => taxed(books, taxes, { customer: owners.get(customerId)!, on: change.today });
  const billed = netOf(await selectRows(sql, BilledItem, { where: { tenantId, contractId: contract.id } }));
  const given = { ...change, before, after, books, booksFor, billed, currency: contract.currency, billingFrom: contract.billingFrom };
  const changed = changeEffects(given);
  const effects = { ...changed, ...billingEffects(given), closedPeriods: await closedPeriods(sql, tenantId, changed.revenue) };
  return Object.assign(new ContractPreview(), effects, { digest: sha256(canonicalJson({ contractId: contract.id, ...effects })) });
}

/** The closed months whose revenue would be another one: nothing in them changes, the first open month after them takes the difference. */
async function closedPeriods(sql: Sql, tenantId: string, revenue: readonly PreviewedRevenue[]): Promise<PreviewedClosedPeriod[]> {
  const entities = [...new Set(revenue.map(({ legalEntityId }) => legalEntityId))];
  if (entities.length === 0) return [];
  const closed = await selectRows(sql, AccountingPeriod, { where: { tenantId, legalEntityId: entities, state: PeriodState.CLOSED } });
  return revenue.flatMap(({ legalEntityId, month }) => {
    const months = new Set(closed.filter((period) => period.legalEntityId === legalEntityId).map((period) => period.month));
    return months.has(month) ? [{ legalEntityId, month, correctedIn: firstMonthOutside(months, month) }] : [];
  });
}
