import { Product } from '../../../entities/customers/Product';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { UpsertProductInput } from '../api';
import { productUpserted } from '../events';
import { readTaxRate } from '../rules';

/** Creates the product of a catalogue key, or makes its next version; documents already issued keep what they said. */
export async function upsertProduct(work: Work, input: UpsertProductInput): Promise<Product> {
  const key = readText(input.key, 'input.key');
  const id = work.id('prd', { system: 'catalogue', type: 'product', key });
  const wanted = {
    name: readText(input.name, 'input.name'),
    revenueAccount: readText(input.revenueAccount, 'input.revenueAccount', 20),
    taxCode: readText(input.taxCode, 'input.taxCode', 20),
    taxRatePercent: readTaxRate(input.taxRatePercent, 'input.taxRatePercent'),
    oneObligation: input.oneObligation ?? false,
  };
  const product = await work.lockOrNew(Product, { id, key }, input.expectedVersion);
  if (work.put(product, wanted)) work.tell(productUpserted(product, { key, name: product.name }));
  return product;
}
