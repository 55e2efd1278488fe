import { PriceBook } from '../../../entities/customers/PriceBook';
import { Product } from '../../../entities/customers/Product';
import { parseId } from '../../../entities/ids';
import { digitsOf } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { Checks } from '../../checks';
import { readPositive, readText } from '../../input';
import type { Work } from '../../work';
import type { PriceBookEntryInput, UpsertPriceBookInput } from '../api';
import { priceBookUpserted } from '../events';

/**
 * Creates the price book of a key, or makes its next version; contracts keep the prices they were made with. Its currency is for ever. Everything wrong with its entries is
 * refused together: NOT_FOUND, CURRENCY_MISMATCH, PRODUCT_REPEATED and what `readPositive` refuses.
 */
export async function upsertPriceBook(work: Work, input: UpsertPriceBookInput): Promise<PriceBook> {
  const key = readText(input.key, 'input.key');
  const id = work.id('pbk', { system: 'catalogue', type: 'priceBook', key });
  digitsOf(input.currency, 'input.currency');
  const validTo = input.validTo ?? null;
  if (validTo !== null && validTo < input.validFrom) throw new Refusal('VALIDITY_EMPTY', `It would end on ${validTo}, before it begins.`, 'input.validTo');
  const wanted = { name: readText(input.name, 'input.name'), validFrom: input.validFrom, validTo, priceEntries: await readEntries(work, input) };
  const book = await work.lockOrNew(PriceBook, { id, key, currency: input.currency }, input.expectedVersion);
  if (book.currency !== input.currency) throw new Refusal('CURRENCY_FIXED', `Price book ${key} is in ${book.currency}.`, 'input.currency');
  if (work.put(book, wanted)) work.tell(priceBookUpserted(book, { key, name: book.name, currency: book.currency, validFrom: book.validFrom }));
  return book;
}

async function readEntries(work: Work, { entries, currency }: UpsertPriceBookInput): Promise<PriceBook['priceEntries']> {
  const checks = new Checks();
  const read: PriceBook['priceEntries'] = [];
  for (const [index, entry] of entries.entries()) {
    const path = `input.entries.${index}`;
    const one = await checks.look(() => readEntry(work, entry, { currency, path }));
    if (one && read.some(({ productId }) => productId === one.productId)) checks.refuse(new Refusal('PRODUCT_REPEATED', 'A product has one price in a book.', `${path}.productId`));
    if (one) read.push(one);
  }
  checks.done();
  return read;
}

async function readEntry(work: Work, entry: PriceBookEntryInput, { currency, path }: { currency: string; path: string }): Promise<PriceBook['priceEntries'][number]> {
  const product = await work.read(Product, parseId(entry.productId, 'prd', `${path}.productId`), `${path}.productId`);
  const price = readPositive(entry.unitPrice, `${path}.unitPrice`);
  if (price.currency !== currency) throw new Refusal('CURRENCY_MISMATCH', `The price book is in ${currency}.`, `${path}.unitPrice.currency`);
  return { productId: product.id, unitPriceMinor: price.minor.toString() };
}
