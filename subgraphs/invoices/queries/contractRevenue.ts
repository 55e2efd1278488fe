import { Contract } from '../../../entities/contracts/Contract';
import { Product } from '../../../entities/customers/Product';
import { BilledItem } from '../../../entities/invoices/BilledItem';
import { RevenueEntry } from '../../../entities/invoices/RevenueEntry';
import { sum, tally } from '../../../entities/money';
import { selectRows } from '../../../entities/rows';
import { termsOf } from '../../../entities/terms/ofContract';
import { balanceOf, obligationsOf, spreadOf, waterfall } from '../../../entities/terms/revenue';
import { money } from '../../../entities/types';
import { type Books, booksOf } from '../../accounting';
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
  const legalEntityIds = [...new Set(terms.billedBy.map((entry) => entry.legalEntityId))];
  const books = await booksOf(context.reads, { tenantId, legalEntityIds, products });
  for (const legalEntityId of legalEntityIds) {
    const own = { contract, legalEntityId, books, entries: entries.filter((entry) => entry.legalEntityId === legalEntityId), items: items.filter((item) => item.legalEntityId === legalEntityId) };
    result.months.push(...monthsOf(own));
    result.balances.push(balance(own));
  }
  return result;
}

interface Own {
  contract: Contract;
  legalEntityId: string;
  books: Books;
  entries: readonly RevenueEntry[];
  items: readonly BilledItem[];
}

function monthsOf({ contract, legalEntityId, books, entries }: Own): RevenueMonth[] {
  const scheduled = new Map<string, bigint>();
  for (const { legalEntityId: entity, curve } of obligationsOf(termsOf(contract), ({ productId }) => spreadOf(books(legalEntityId, productId)?.revenueMethod), contract.billingFrom ?? undefined)) {
    if (entity !== legalEntityId) continue;
    for (const { month, amountMinor } of waterfall(curve)) tally(scheduled, month, amountMinor);
  }
  const recognized = new Map<string, bigint>();
  for (const { month, amountMinor } of entries) tally(recognized, month, amountMinor);
  return [...new Set([...scheduled.keys(), ...recognized.keys()])].sort().map((month) => ({
    legalEntityId, month, scheduled: money(scheduled.get(month) ?? 0n, contract.currency), recognized: money(recognized.get(month) ?? 0n, contract.currency),
  }));
}

function balance({ contract: { currency }, legalEntityId, books, entries, items }: Own): RevenueBalance {
  const billed = sum(items.filter(({ productId }) => spreadOf(books(legalEntityId, productId)?.revenueMethod)).map(({ amountMinor }) => amountMinor));
  const recognized = sum(entries.map(({ amountMinor }) => amountMinor));
  const { deferredMinor, contractAssetMinor } = balanceOf(billed, recognized);
  return { legalEntityId, billed: money(billed, currency), recognized: money(recognized, currency), deferred: money(deferredMinor, currency), contractAsset: money(contractAssetMinor, currency) };
}
