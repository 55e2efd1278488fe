import { Product } from '../../entities/customers/Product';
import { Change } from '../../entities/operations/Change';
import { Posting } from '../../entities/operations/Posting';
import type { UpsertProductInput } from '../../subgraphs/customers/api';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { DATABASES } from '../harness/databases';
import { everything, refusalOf, rowsOf } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('upsertProduct on %s', (database) => {
  let world: World;
  let keys = 0;
  const input = (change: Partial<UpsertProductInput> = {}): UpsertProductInput => ({
    key: `P-${++keys}`, name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20', ...change,
  });
  const upsert = (change?: Partial<UpsertProductInput>, tenant = 'demo') => world.do(upsertProduct, input(change), world.actor('finance', tenant));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
  });
  afterAll(() => world.close());

  test('a new key makes version 1, told once and posted nowhere', async () => {
    const product = await upsert({ key: 'NEW' });
    expect(product).toMatchObject({ key: 'NEW', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20', version: 1 });
    expect(await rowsOf(world, Change, { resourceId: product.id })).toMatchObject([{ type: 'product.upserted', version: 1, data: { key: 'NEW', name: 'Seat' } }]);
    expect(await rowsOf(world, Posting)).toEqual([]);
  });

  test.each<[string, Partial<UpsertProductInput>]>([
    ['name', { name: 'Chair' }],
    ['revenue account', { revenueAccount: '4020' }],
    ['tax code', { taxCode: 'VAT7' }],
    ['tax rate', { taxRatePercent: '7.7' }],
    ['nature', { oneObligation: true }],
  ])('another %s makes version 2 of the same product', async (_field, change) => {
    const first = await upsert();
    expect(await upsert({ key: first.key, ...change, expectedVersion: 1 })).toMatchObject({ id: first.id, version: 2, ...change });
  });

  test.each([
    ['20', '20'], ['20.00', '20'], ['7.70', '7.7'], ['0', '0'], ['0.0', '0'], ['100', '100'], ['100.0000', '100'], ['10', '10'], ['8.0125', '8.0125'],
  ])('a tax rate of %s is kept as %s', async (given, kept) => {
    expect((await upsert({ taxRatePercent: given })).taxRatePercent).toBe(kept);
  });

  test('the same product again is answered as it is, and nothing is written but the audit entry', async () => {
    const wanted = input({ taxRatePercent: '20.0' });
    const first = await world.do(upsertProduct, wanted);
    const before = await everything(world);
    expect(await world.do(upsertProduct, wanted)).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test('another tenant has another product under the same key', async () => {
    const [mine, theirs] = [await upsert({ key: 'BOTH' }), await upsert({ key: 'BOTH' }, 'other')];
    expect(mine.id).not.toBe(theirs.id);
    expect(await rowsOf(world, Product, { id: theirs.id })).toEqual([]);
  });

  test.each<[string, string, string, Partial<UpsertProductInput>]>([
    ['an empty key', 'TEXT_INVALID', 'input.key', { key: '' }],
    ['a key of 192 characters', 'TEXT_INVALID', 'input.key', { key: 'x'.repeat(192) }],
    ['a blank name', 'TEXT_INVALID', 'input.name', { name: ' ' }],
    ['an empty revenue account', 'TEXT_INVALID', 'input.revenueAccount', { revenueAccount: '' }],
    ['a revenue account of 21 characters', 'TEXT_INVALID', 'input.revenueAccount', { revenueAccount: '4'.repeat(21) }],
    ['an empty tax code', 'TEXT_INVALID', 'input.taxCode', { taxCode: '' }],
    ['a tax code of 21 characters', 'TEXT_INVALID', 'input.taxCode', { taxCode: 'V'.repeat(21) }],
    ['a rate above 100', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '100.0001' }],
    ['a rate of 101', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '101' }],
    ['a negative rate', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '-1' }],
    ['a rate with five decimals', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '7.12345' }],
    ['a rate with a comma', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '7,7' }],
    ['a rate with an exponent', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '1e1' }],
    ['a rate with a sign', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '20%' }],
    ['no rate', 'TAX_RATE_INVALID', 'input.taxRatePercent', { taxRatePercent: '' }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert(change))).toMatchObject({ code, path, retryable: false });
  });

  test('one who expects a version of what is not there is refused', async () => {
    expect(await refusalOf(world, () => upsert({ expectedVersion: 1 }))).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion' });
    expect(await upsert({ expectedVersion: 0 })).toMatchObject({ version: 1 });
  });

  test.each([1, 3])('version 2 is not changed by one who expects version %s', async (expectedVersion) => {
    const { key } = await upsert();
    await upsert({ key, name: 'Two' });
    const refusal = await refusalOf(world, () => upsert({ key, name: 'Three', expectedVersion }));
    expect(refusal).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion', retryable: false });
  });

  test('the public schema answers the product, or what it was refused with', async () => {
    const mutation = `mutation($input: UpsertProductInput!) { upsertProduct(input: $input) {
      __typename ... on Product { key version taxRatePercent } ... on Refused { code message path retryable } } }`;
    const wanted = { key: 'PUBLIC', name: 'Public', revenueAccount: '4010', taxCode: 'VAT', taxRatePercent: '19.0' };
    const done = await world.ask(mutation, { input: wanted });
    expect(done.data.upsertProduct).toEqual({ __typename: 'Product', key: 'PUBLIC', version: 1, taxRatePercent: '19' });
    const no = await world.ask(mutation, { input: { ...wanted, taxRatePercent: 'VAT' } });
    expect(no.data.upsertProduct).toEqual({
      __typename: 'Refused', code: 'TAX_RATE_INVALID', message: '"VAT" is not a percentage with up to four decimals.', path: 'input.taxRatePercent', retryable: false,
    });
    const forbidden = await world.ask(mutation, { input: wanted }, { role: 'partner' });
    expect(forbidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
