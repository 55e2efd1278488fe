import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { ProductAccounting } from '../../../entities/customers/ProductAccounting';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { RevenueMethod } from '../../../entities/terms/revenue';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { UpsertProductAccountingInput } from '../api';
import { productAccountingUpserted } from '../events';
import { readTaxRate } from '../rules';

/**
 * Says how the books of one legal entity take what is sold of a product, or makes its next version; documents already issued keep what they said. What
 * is left out is as the product has it. Refuses DEFERRED_ACCOUNT_MISSING for revenue that is spread and has nowhere to wait.
 */
export async function upsertProductAccounting(work: Work, input: UpsertProductAccountingInput): Promise<ProductAccounting> {
  const product = await work.read(Product, parseId(input.productId, 'prd', 'input.productId'), 'input.productId');
  const entity = await work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  const id = work.id('pac', { system: 'evenkeel', type: 'productAccounting', key: `${entity.code}/${product.key}` });
  const wanted = {
    revenueAccount: input.revenueAccount ? readText(input.revenueAccount, 'input.revenueAccount', 20) : product.revenueAccount,
    deferredAccount: input.deferredAccount ? readText(input.deferredAccount, 'input.deferredAccount', 20) : null,
    taxCode: input.taxCode ? readText(input.taxCode, 'input.taxCode', 20) : product.taxCode,
    taxRatePercent: input.taxRatePercent ? readTaxRate(input.taxRatePercent, 'input.taxRatePercent') : product.taxRatePercent,
    revenueMethod: input.revenueMethod,
  };
  if (wanted.revenueMethod !== RevenueMethod.ON_INVOICE && wanted.deferredAccount === null) {
    throw new Refusal('DEFERRED_ACCOUNT_MISSING', 'Revenue that is spread over time needs an account where it waits.', 'input.deferredAccount');
  }
  const accounting = await work.lockOrNew(ProductAccounting, { id, productId: product.id, legalEntityId: entity.id }, input.expectedVersion);
  if (work.put(accounting, wanted)) work.tell(productAccountingUpserted(accounting, { productKey: product.key, legalEntityCode: entity.code, revenueMethod: accounting.revenueMethod }));
  return accounting;
}
