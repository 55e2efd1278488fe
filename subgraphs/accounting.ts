import type { Product } from '../entities/customers/Product';
import { RevenueMethod } from '../entities/terms/revenue';
import type { Sql } from '../entities/rows';

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

/** The accounts and taxes of products, by product id. */
export async function accountingOf(_sql: Sql, products: readonly Product[], _sale: Sale): Promise<Map<string, Accounting>> {
  return new Map(products.map((product) => {
    const { taxCode, taxRatePercent, revenueAccount } = product;
    return [product.id, { taxCode, taxRatePercent, revenueAccount, deferredAccount: null, revenueMethod: RevenueMethod.ON_INVOICE }];
  }));
}
