import type { Product } from '../entities/customers/Product';
import { ProductAccounting } from '../entities/customers/ProductAccounting';
import { RevenueMethod } from '../entities/terms/revenue';
import { selectRows, type Sql } from '../entities/rows';

/** How the books of one legal entity take what is sold of one product on a day. */
export interface Accounting {
  taxCode: string;
  /** Percent with up to four decimals, as text. */
  taxRatePercent: string;
  revenueAccount: string;
  /** Where what is billed waits until it is earned; null if it is revenue with the invoice. */
  deferredAccount: string | null;
  revenueMethod: RevenueMethod;
}

/** Which sale is to be booked: tax may depend on who buys, and on which day. */
export interface Sale {
  tenantId: string;
  legalEntityId: string;
  customerId: string;
  /** The day of the invoice. */
  on: string;
}

/** The accounts and taxes of products in a sale, by product id: those of the legal entity, or else the product's own. One statement. */
export async function accountingOf(sql: Sql, products: readonly Product[], { tenantId, legalEntityId }: Sale): Promise<Map<string, Accounting>> {
  const own = await selectRows(sql, ProductAccounting, { where: { tenantId, legalEntityId, productId: [...new Set(products.map(({ id }) => id))] } });
  return new Map(products.map((product) => {
    const plain = { deferredAccount: null, revenueMethod: RevenueMethod.ON_INVOICE };
    const { taxCode, taxRatePercent, revenueAccount, deferredAccount, revenueMethod } = own.find(({ productId }) => productId === product.id) ?? { ...product, ...plain };
    return [product.id, { taxCode, taxRatePercent, revenueAccount, deferredAccount, revenueMethod }];
  }));
}
