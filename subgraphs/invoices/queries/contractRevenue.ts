import DataLoader from 'dataloader';
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
import { ContractRevenue, type RevenueBalance, type RevenueMonth } from '../api';

/** The revenue of a contract month by month, expected and recognized, and what is deferred or a contract asset in the books of each legal entity. Batched: five statements for up to 100 contracts. */
export function contractRevenue(context: RequestContext, contractId: string): Promise<ContractRevenue | null> {
  const make = () => new DataLoader<string, ContractRevenue | null>((ids) => load(context, ids), { maxBatchSize: 100 });
  return context.loader('contractRevenue', make).load(contractId);
}

async function load({ reads, principal: { tenantId } }: RequestContext, ids: readonly string[]): Promise<(ContractRevenue | null)[]> {
  const contracts = new Map((await selectRows(reads, Contract, { where: { tenantId, id: [...ids] } })).map((contract) => [contract.id, contract]));
  const where = { tenantId, contractId: [...ids] };
  const [entries, items] = [await selectRows(reads, RevenueEntry, { where }), await selectRows(reads, BilledItem, { where })];
  const terms = [...contracts.values()].map((contract) => termsOf(contract));
  const products = await selectRows(reads, Product, { where: { tenantId, id: [...new Set(terms.flatMap(({ lines }) => lines.map(({ productId }) => productId)))] } });
  const legalEntityIds = [...new Set(terms.flatMap(({ billedBy }) => billedBy.map((entry) => entry.legalEntityId)))];
  const books = await booksOf(reads, { tenantId, legalEntityIds, products });
  return ids.map((id) => {
    const contract = contracts.get(id);
    const own = <T extends { contractId: string }>(rows: readonly T[]) => rows.filter(({ contractId }) => contractId === id);
    return contract ? revenueOf(contract, { books, entries: own(entries), items: own(items) }) : null;
  });
}

function revenueOf(contract: Contract, { books, entries, items }: Pick<Own, 'books' | 'entries' | 'items'>): ContractRevenue {
  const result = Object.assign(new ContractRevenue(), { months: [] as RevenueMonth[], balances: [] as RevenueBalance[] });
  for (const legalEntityId of new Set(termsOf(contract).billedBy.map((entry) => entry.legalEntityId))) {
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
