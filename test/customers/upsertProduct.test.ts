import { Product } from '../../entities/customers/Product';
import type { UpsertProductInput } from '../../subgraphs/customers/api';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('upsertProduct on %s', (database) => {
  let world: World;
  const upsert = (key: string, change: Partial<UpsertProductInput> = {}) =>
    world.do(upsertProduct, { key, name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20', ...change });

  beforeAll(async () => {
    world = await World.open({ database });
    await upsert('KNOWN');
  });
  afterAll(() => world.close());

  test('the same input again is the same version; other input is the next one', async () => {
    const first = await upsert('GROWS');
    expect(await upsert('GROWS', { taxRatePercent: '20.00' })).toEqual(first);
    expect(await upsert('GROWS', { taxRatePercent: '7.70', expectedVersion: 1 })).toMatchObject({ id: first.id, version: 2, taxRatePercent: '7.7' });
    expect(await rowsOf(world, Product, { key: 'GROWS' })).toHaveLength(1);
  });

  test.each(['0', '0.0001', '7.7', '99.9999', '100'])('a rate of %s percent is taken', async (taxRatePercent) => {
    expect(await upsert(`RATE ${taxRatePercent}`, { taxRatePercent })).toMatchObject({ taxRatePercent });
  });

  test.each<[string, string, string, Partial<UpsertProductInput>]>([
    ['a stale version', 'VERSION_STALE', 'expectedVersion', { name: 'Other', expectedVersion: 2 }],
    ['a rate above 100', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '100.01' }],
    ['a rate below nothing', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '-1' }],
    ['a rate of five decimals', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '1.00001' }],
    ['a rate in words', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: 'twenty' }],
    ['an empty key', 'TEXT_INVALID', 'input.key', { key: '' }],
    ['a long account', 'TEXT_INVALID', 'input.revenueAccount', { revenueAccount: '4'.repeat(21) }],
    ['an empty tax code', 'TEXT_INVALID', 'input.taxCode', { taxCode: '' }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert('KNOWN', change))).toMatchObject({ code, path, retryable: false });
  });
});
