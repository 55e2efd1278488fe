import { RevenueMethod } from '../../entities/terms/revenue';
import { booksOf } from '../../subgraphs/accounting';
import type { UpsertProductAccountingInput } from '../../subgraphs/customers/api';
import { upsertProductAccounting } from '../../subgraphs/customers/commands/upsertProductAccounting';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { anotherEntity, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const SPREAD = { revenueMethod: RevenueMethod.DAY, deferredAccount: '2400' };

describe.each(DATABASES)('upsertProductAccounting on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  beforeEach(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterEach(() => world.close());

  const upsert = (change: Partial<UpsertProductAccountingInput> = {}) =>
    world.do(upsertProductAccounting, { productId: given.product.id, legalEntityId: given.entity.id, ...SPREAD, ...change });
  const booked = async (legalEntityId: string) => {
    const books = await booksOf(world.database.reads, { tenantId: 'demo', legalEntityIds: [legalEntityId], products: [given.product] });
    return books(legalEntityId, given.product.id);
  };

  test('the books of one legal entity take a product otherwise than it says; others, and what is left out, as it says', async () => {
    expect(await upsert({ taxRatePercent: '7.70' })).toMatchObject({ version: 1, revenueAccount: '4010', deferredAccount: '2400', taxCode: 'VAT20', taxRatePercent: '7.7', revenueMethod: 'DAY' });
    expect((await world.told()).at(-1)).toBe('productAccounting.upserted');
    expect(await booked(given.entity.id)).toEqual({ taxCode: 'VAT20', taxRatePercent: '7.7', revenueAccount: '4010', deferredAccount: '2400', revenueMethod: 'DAY' });
    expect(await booked((await anotherEntity(world)).id)).toEqual({ taxCode: 'VAT20', taxRatePercent: '20', revenueAccount: '4010', deferredAccount: null, revenueMethod: 'ON_INVOICE' });
  });

  test('the same again changes nothing, something else is the next version', async () => {
    await upsert();
    expect(await upsert()).toMatchObject({ version: 1 });
    expect(await upsert({ expectedVersion: 1, revenueMethod: RevenueMethod.EVEN_MONTH })).toMatchObject({ version: 2, revenueMethod: 'EVEN_MONTH' });
    expect(await refusalOf(world, () => upsert({ expectedVersion: 1 }))).toMatchObject({ code: 'VERSION_STALE' });
  });

  test.each<[string, string, string, () => Partial<UpsertProductAccountingInput>]>([
    ['a malformed product', 'ID_MALFORMED', 'input.productId', () => ({ productId: MALFORMED_ID })],
    ['an unknown product', 'NOT_FOUND', 'input.productId', () => ({ productId: unknownId('prd') })],
    ["another tenant's product", 'NOT_FOUND', 'input.productId', () => ({ productId: foreign.product.id === given.product.id ? unknownId('prd') : foreign.product.id })],
    ['an unknown legal entity', 'NOT_FOUND', 'input.legalEntityId', () => ({ legalEntityId: unknownId('ent') })],
    ['spread revenue without an account to wait on', 'DEFERRED_ACCOUNT_MISSING', 'input.deferredAccount', () => ({ deferredAccount: undefined })],
    ['a tax rate above all of it', 'TAX_RATE_INVALID', 'input.taxRatePercent', () => ({ taxRatePercent: '101' })],
    ['an account name that is too long', 'TEXT_INVALID', 'input.revenueAccount', () => ({ revenueAccount: 'x'.repeat(21) })],
    ['a version of what is not there', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 1 })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert(change()))).toMatchObject({ code, path, retryable: false });
  });

  test('the public schema shows it with its product', async () => {
    const mutation = 'mutation($input: UpsertProductAccountingInput!) { upsertProductAccounting(input: $input) { __typename ... on ProductAccounting { id revenueMethod } ... on Refused { code } } }';
    const done = (await world.ask(mutation, { input: { productId: given.product.id, legalEntityId: given.entity.id, ...SPREAD } })).data.upsertProductAccounting;
    const { data } = await world.ask('query($id: ID!, $own: ID!) { product(id: $id) { accounting { id deferredAccount } } node(id: $own) { __typename } }', { id: given.product.id, own: done.id });
    expect(data).toEqual({ product: { accounting: [{ id: done.id, deferredAccount: '2400' }] }, node: { __typename: 'ProductAccounting' } });
  });
});
