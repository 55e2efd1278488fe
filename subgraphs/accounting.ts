import type { Product } from '../entities/customers/Product';
import { ProductAccounting } from '../entities/customers/ProductAccounting';
import { selectRows, type Sql } from '../entities/rows';
import { RevenueMethod } from '../entities/terms/revenue';

/** How the books of one legal entity take what is sold of one product. */
export interface Accounting {
  taxCode: string;
  /** Percent with up to four decimals, as text. */
  taxRatePercent: string;
  revenueAccount: string;
  /** Where what is billed waits until it is earned; null if it is revenue with the invoice. */
  deferredAccount: string | null;
  revenueMethod: RevenueMethod;
}

/** How the books of a legal entity take a product; undefined for one that was not asked for. */
export type Books = (legalEntityId: string, productId: string) => Accounting | undefined;

/** The accounts and taxes of products in the books of legal entities: those the entity has for them, or else the product's own. One statement. */
export async function booksOf(sql: Sql, { tenantId, legalEntityIds, products }: { tenantId: string; legalEntityIds: readonly string[]; products: readonly Product[] }): Promise<Books> {
  const where = { tenantId, legalEntityId: legalEntityIds, productId: products.map(({ id }) => id) };
  const own = products.length === 0 ? [] : await selectRows(sql, ProductAccounting, { where });
  const special = new Map(own.map((one) => [`${one.legalEntityId}|${one.productId}`, accountingOf(one)]));
  const plain = new Map(products.map((product) => [product.id, accountingOf({ ...product, deferredAccount: null, revenueMethod: RevenueMethod.ON_INVOICE })]));
  return (legalEntityId, productId) => special.get(`${legalEntityId}|${productId}`) ?? plain.get(productId);
}

const accountingOf = ({ taxCode, taxRatePercent, revenueAccount, deferredAccount, revenueMethod }: Accounting): Accounting => ({ taxCode, taxRatePercent, revenueAccount, deferredAccount, revenueMethod });
