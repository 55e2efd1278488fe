import { Contract } from '../../../entities/contracts/Contract';
import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { RevenueEntry } from '../../../entities/invoices/RevenueEntry';
import { tally } from '../../../entities/money';
import { hydrate, selectRows, shapeOf, type Sql } from '../../../entities/rows';
import { spanOfMonth } from '../../../entities/terms/days';
import { termsOf } from '../../../entities/terms/ofContract';
import { obligationsOf, recognizedBy, spreadOf } from '../../../entities/terms/revenue';
import { type Accounting, type Books, booksOf } from '../../accounting';

/** What one obligation has earned by the end of a month, less what earlier journals recognized of it; never nothing. */
export interface Earned {
  contractId: string;
  lineKey: string;
  term: number;
  currency: string;
  amountMinor: bigint;
  accounting: Accounting;
}

export interface Month {
  tenantId: string;
  entity: LegalEntity;
  month: string;
}

/** What contracts of a legal entity have earned by the end of a month and no journal has recognized yet; so many contracts, in order of their ids. */
export async function earnedOf(sql: Sql, at: Month, page: { after: string; contractsMax: number }): Promise<{ earned: Earned[]; last: string | null }> {
  const { tenantId, entity, month } = at;
  const contracts = await contractsOf(sql, at, page);
  const ids = contracts.map(({ id }) => id);
  const entries = ids.length === 0 ? [] : await selectRows(sql, RevenueEntry, { where: { tenantId, contractId: ids, legalEntityId: entity.id } });
  const taken = new Map<string, bigint>();
  for (const { contractId, lineKey, term, amountMinor } of entries) tally(taken, `${contractId}|${lineKey}|${term}`, amountMinor);
  const products = await selectRows(sql, Product, { where: { tenantId, id: [...new Set(contracts.flatMap(({ lineItems }) => lineItems.map(({ productId }) => productId)))] } });
  const { until } = spanOfMonth(month);
  const books = await booksOf(sql, { tenantId, legalEntityIds: [entity.id], products });
  const earned = contracts.flatMap((contract) => earnedOfContract(contract, { entityId: entity.id, until, books, taken }));
  return { earned, last: contracts.length < page.contractsMax ? null : (contracts.at(-1)?.id ?? null) };
}

interface Given {
  entityId: string;
  until: string;
  books: Books;
  taken: ReadonlyMap<string, bigint>;
}

function earnedOfContract({ id, currency, ...contract }: Contract, { entityId, until, books, taken }: Given): Earned[] {
  const methodOf = ({ productId }: { productId: string }) => spreadOf(books(entityId, productId)?.revenueMethod);
  const obligations = obligationsOf(termsOf(contract), methodOf, contract.billingFrom ?? undefined).filter(({ legalEntityId }) => legalEntityId === entityId);
  return obligations.flatMap(({ lineKey, term, productId, curve }) => {
    const amountMinor = recognizedBy(curve, until) - (taken.get(`${id}|${lineKey}|${term}`) ?? 0n);
    return amountMinor === 0n ? [] : [{ contractId: id, lineKey, term, currency, amountMinor, accounting: books(entityId, productId)! }];
  });
}

/** Contracts that the legal entity bills or has billed, if the billing run bills them. */
async function contractsOf(sql: Sql, { tenantId, entity }: Month, { after, contractsMax }: { after: string; contractsMax: number }): Promise<Contract[]> {
  const { list } = shapeOf(sql.source, Contract);
  const text = `SELECT ${list} FROM contract WHERE tenant_id = ? AND id > ? AND billing_from IS NOT NULL AND (legal_entity_id = ? OR billed_by LIKE ?) ORDER BY id LIMIT ${contractsMax}`;
  return hydrate(sql, Contract, await sql.query(text, [tenantId, after, entity.id, `%${entity.id}%`]));
}
