import { Contract } from '../../../entities/contracts/Contract';
import { Product } from '../../../entities/customers/Product';
import { BilledItem } from '../../../entities/invoices/BilledItem';
import { RevenueEntry } from '../../../entities/invoices/RevenueEntry';
import { sum } from '../../../entities/money';
import { selectRows } from '../../../entities/rows';
import { termsOf } from '../../../entities/terms/ofContract';
import { balanceOf, obligationsOf, RevenueMethod, waterfall } from '../../../entities/terms/revenue';
import { money } from '../../../entities/types';
import { type Accounting, accountingOf } from '../../accounting';
import type { RequestContext } from '../../context';
import { byId } from '../../loaders';
import { ContractRevenue, type RevenueBalance, type RevenueMonth } from '../api';

/** The revenue of a contract month by month, expected and recognized, and what is deferred or a contract asset in the books of each legal entity. */
export async function contractRevenue(context: RequestContext, contractId: string): Promise<ContractRevenue | null> {
  const contract = await byId(Contract, context, contractId);
  if (!contract) return null;
  const { tenantId } = context.principal;
  const where = { tenantId, contractId };
  const [entries, items] = [await selectRows(context.reads, RevenueEntry, { where }), await selectRows(context.reads, BilledItem, { where })];
  const terms = termsOf(contract);
  const products = await selectRows(context.reads, Product, { where: { tenantId, id: [...new Set(terms.lines.map(({ productId }) => productId))] } });
  const result = Object.assign(new ContractRevenue(), { months: [] as RevenueMonth[], balances: [] as RevenueBalance[] });
  for (const legalEntityId of new Set(terms.billedBy.map((entry) => entry.legalEntityId))) {
    const books = await accountingOf(context.reads, products, { tenantId, legalEntityId, customerId: contract.customerId, on: terms.startDate });
    const own = { contract, legalEntityId, books, entries: entries.filter((entry) => entry.legalEntityId === legalEntityId), items: items.filter((item) => item.legalEntityId === legalEntityId) };
    result.months.push(...monthsOf(own));
    result.balances.push(balance(own));
  }
  return result;
}

interface Own {
  contract: Contract;
  legalEntityId: string;
  books: ReadonlyMap<string, Accounting>;
  entries: readonly RevenueEntry[];
  items: readonly BilledItem[];
}

const spreadOf = ({ books }: Own, productId: string) => {
  const method = books.get(productId)?.revenueMethod ?? RevenueMethod.ON_INVOICE;
  return method === RevenueMethod.ON_INVOICE ? undefined : method;
};

function monthsOf(own: Own): RevenueMonth[] {
  const { contract, legalEntityId, entries } = own;
  const scheduled = new Map<string, bigint>();
  for (const { legalEntityId: entity, curve } of obligationsOf(termsOf(contract), ({ productId }) => spreadOf(own, productId), contract.billingFrom ?? undefined)) {
    if (entity !== legalEntityId) continue;
    for (const { month, amountMinor } of waterfall(curve)) scheduled.set(month, (scheduled.get(month) ?? 0n) + amountMinor);
  }
  const recognized = new Map<string, bigint>();
  for (const { month, amountMinor } of entries) recognized.set(month, (recognized.get(month) ?? 0n) + amountMinor);
  return [...new Set([...scheduled.keys(), ...recognized.keys()])].sort().map((month) => ({
    legalEntityId, month, scheduled: money(scheduled.get(month) ?? 0n, contract.currency), recognized: money(recognized.get(month) ?? 0n, contract.currency),
  }));
}

function balance(own: Own): RevenueBalance {
  const { contract: { currency }, legalEntityId, entries, items } = own;
  const billed = sum(items.filter(({ productId }) => spreadOf(own, productId)).map(({ amountMinor }) => amountMinor));
  const recognized = sum(entries.map(({ amountMinor }) => amountMinor));
  const { deferredMinor, contractAssetMinor } = balanceOf(billed, recognized);
  return { legalEntityId, billed: money(billed, currency), recognized: money(recognized, currency), deferred: money(deferredMinor, currency), contractAsset: money(contractAssetMinor, currency) };
}
