import type { Contract } from '../../../entities/contracts/Contract';
import { ContractPreview } from '../../../entities/contracts/ContractPreview';
import { Product } from '../../../entities/customers/Product';
import { BilledItem } from '../../../entities/invoices/BilledItem';
import { selectRows, type Sql } from '../../../entities/rows';
import type { BilledItem as Billed } from '../../../entities/terms/schedule';
import type { ContractTerms } from '../../../entities/terms/terms';
import { canonicalJson, sha256 } from '../../../sync/canonical';
import { type Accounting, accountingOf } from '../../accounting';
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
  const { contract, after, today } = change;
  const { tenantId } = contract;
  const products = await selectRows(sql, Product, { where: { tenantId, id: [...new Set(after.lines.map(({ productId }) => productId))] } });
  const accounting = new Map<string, Map<string, Accounting>>();
  for (const legalEntityId of new Set([...after.billedBy, ...change.before.billedBy].map((entry) => entry.legalEntityId))) {
    accounting.set(legalEntityId, await accountingOf(sql, products, { tenantId, legalEntityId, customerId: contract.customerId, on: today }));
  }
  const billed = await billedOf(sql, { tenantId, contractId: contract.id });
  const given = { ...change, accounting, billed, currency: contract.currency };
  const effects = { ...changeEffects(given), ...billingEffects(given), closedPeriods: [] };
  return Object.assign(new ContractPreview(), effects, { digest: sha256(canonicalJson({ contractId: contract.id, ...effects })) });
}

/** What was billed of a contract so far, by line, billing period and legal entity, credits taken off. */
export async function billedOf(sql: Sql, where: { tenantId: string; contractId: string }): Promise<Billed[]> {
  const totals = new Map<string, Billed>();
  for (const { lineKey, periodFrom, legalEntityId, amountMinor } of await selectRows(sql, BilledItem, { where })) {
    const key = `${lineKey}|${periodFrom}|${legalEntityId}`;
    totals.set(key, { lineKey, periodFrom, legalEntityId, amountMinor: (totals.get(key)?.amountMinor ?? 0n) + amountMinor });
  }
  return [...totals.values()];
}
