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
  };
  const existing = await work.peek(Product, id);
  const product = existing ? await work.lock(Product, id, input.expectedVersion) : Object.assign(new Product(), { id, key });
  if (existing && Object.entries(wanted).every(([field, value]) => product[field as keyof Product] === value)) return product;
  Object.assign(product, wanted);
  if (existing) work.change(product);
  else work.add(product);
  work.tell(productUpserted(product, { key, name: product.name }));
  return product;
}
