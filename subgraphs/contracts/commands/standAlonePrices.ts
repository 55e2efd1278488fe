import { PriceBook } from '../../../entities/customers/PriceBook';
import type { Work } from '../../work';

/** What products cost on a day when they are sold alone, by the contract's price book: minor units by product id. Empty without a book, or where it does not hold. */
export async function standAlonePrices(work: Work, priceBookId: string | null, day: string): Promise<ReadonlyMap<string, bigint>> {
  const book = priceBookId === null ? undefined : await work.peek(PriceBook, priceBookId);
  if (!book || day < book.validFrom || (book.validTo !== null && day > book.validTo)) return new Map();
  return new Map(book.priceEntries.map(({ productId, unitPriceMinor }) => [productId, BigInt(unitPriceMinor)]));
}
