import type { Customer } from '../entities/customers/Customer';
import type { Product } from '../entities/customers/Product';
import { type Sale, type Tax, taxOf } from '../entities/customers/taxes';
import { TaxRegistration } from '../entities/customers/TaxRegistration';
import { Refusal } from '../entities/refusal';
import { selectRows, type Sql } from '../entities/rows';
import { type Books, booksOf } from './accounting';

/**
 * How a legal entity taxes a sale; undefined where it goes by its products alone. Whatever decides on taxes answers this for each line: here the table of registrations. Refuses
 * what `taxOf` refuses.
 */
export type Taxes = (legalEntityId: string, sale: Sale) => Tax | undefined;

/** The taxes of legal entities by their registrations. One statement. */
export async function taxesOf(sql: Sql, { tenantId, legalEntityIds }: { tenantId: string; legalEntityIds: readonly string[] }): Promise<Taxes> {
  const all = await selectRows(sql, TaxRegistration, { where: { tenantId, legalEntityId: legalEntityIds } });
  return (legalEntityId, sale) => {
    const own = all.filter((registration) => registration.legalEntityId === legalEntityId);
    return own.length === 0 ? undefined : taxOf(own, sale);
  };
}

/** Books that know the customer and the day: their taxes are those of a sale. */
export const taxed = (books: Books, taxes: Taxes, { customer, on }: { customer: Customer; on: string }): Books => (legalEntityId, productId) => {
  const plain = books(legalEntityId, productId);
  return plain && { ...plain, ...taxes(legalEntityId, { countryCode: customer.countryCode, isBusiness: customer.taxNumber !== null, category: plain.taxCode, on }) };
};

/** The same where nothing may be refused any more: what cannot be taxed is as its product says. */
export const taxedOrPlain = (books: Books, taxes: Taxes, sale: { customer: Customer; on: string }): Books => (legalEntityId, productId) => {
  try {
    return taxed(books, taxes, sale)(legalEntityId, productId);
  } catch (error) {
    if (error instanceof Refusal) return books(legalEntityId, productId);
    throw error;
  }
};

export interface Selling {
  tenantId: string;
  legalEntityIds: readonly string[];
  products: readonly Product[];
  customer: Customer;
  on: string;
}

/** The accounts and taxes of what is sold to a customer on a day. Two statements. */
export async function taxedBooksOf(sql: Sql, { customer, on, ...what }: Selling): Promise<Books> {
  return taxed(await booksOf(sql, what), await taxesOf(sql, what), { customer, on });
}
