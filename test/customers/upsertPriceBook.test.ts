import type { UpsertPriceBookInput } from '../../subgraphs/customers/api';
import { upsertPriceBook } from '../../subgraphs/customers/commands/upsertPriceBook';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { storage } from '../contracts/given';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const price = (amount: string, currency = 'EUR') => ({ amount, currency });

describe.each(DATABASES)('upsertPriceBook on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const upsert = (change: Partial<UpsertPriceBookInput> = {}) =>
    world.do(upsertPriceBook, { key: 'LIST-26', name: 'List prices 2026', currency: 'EUR', validFrom: '2026-01-01', entries: [{ productId: given.product.id, unitPrice: price('49.00') }], ...change });
  const create = (priceBookId: string, change: object = {}) => world.do(createContract, {
    number: 'C-1', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', priceBookId, lines: [{ productId: given.product.id, quantity: '10' }], ...change,
  });

  test('prices of a currency for a time; the same again changes nothing, others are the next version', async () => {
    expect(await upsert()).toMatchObject({ version: 1, priceEntries: [{ productId: given.product.id, unitPriceMinor: '4900' }], validTo: null });
    expect((await world.told()).at(-1)).toBe('priceBook.upserted');
    expect(await upsert()).toMatchObject({ version: 1 });
    expect(await upsert({ validTo: '2026-12-31', expectedVersion: 1 })).toMatchObject({ version: 2 });
    const { data } = await world.ask('{ priceBooks { nodes { key validTo entries { productId unitPrice { amount } } } } }');
    expect(data.priceBooks.nodes).toEqual([{ key: 'LIST-26', validTo: '2026-12-31', entries: [{ productId: given.product.id, unitPrice: { amount: '49.00' } }] }]);
  });

  test('a contract takes its prices from it where none is said, and more at that price is a separate contract in revenue', async () => {
    const more = await storage(world);
    const { id } = await upsert({ entries: [{ productId: given.product.id, unitPrice: price('49.00') }, { productId: more.id, unitPrice: price('5.00') }] });
    const contract = await create(id);
    expect(contract).toMatchObject({ priceBookId: id, lineItems: [{ unitPriceMinor: '4900' }] });
    await world.do(amendContract, { contractId: contract.id, reason: 'More', lines: [{ productId: given.product.id, quantity: '15' }, { productId: more.id, quantity: '1', unitPrice: price('4.00') }] });
    const { data } = await world.ask('query($id: ID!) { contract(id: $id) { priceBookId amendments { treatment } } }', { id: contract.id });
    expect(data.contract.amendments[1].treatment).toMatch(/^SEAT: SEPARATE\..* STORAGE: PROSPECTIVE\./);
  });

  test.each<[string, string, string, () => Promise<unknown>]>([
    ['an unknown book', 'NOT_FOUND', 'input.priceBookId', () => create(unknownId('pbk'))],
    ['a malformed book', 'ID_MALFORMED', 'input.priceBookId', () => create(MALFORMED_ID)],
    ['a book of another currency', 'CURRENCY_MISMATCH', 'input.priceBookId', async () => create((await upsert({ key: 'USD', currency: 'USD', entries: [] })).id)],
    ['a book that does not hold yet', 'PRICE_BOOK_NOT_VALID', 'input.priceBookId', async () => create((await upsert({ key: 'NEXT', validFrom: '2027-01-01' })).id)],
    ['a product that is not in the book', 'PRICE_MISSING', 'input.lines.0', async () => create((await upsert({ key: 'EMPTY', entries: [] })).id)],
  ])('a contract with %s is refused with %s at %s', async (_what, code, path, make) => {
    await expect(make()).rejects.toMatchObject({ code, path });
  });

  test.each<[string, string, string, () => Partial<UpsertPriceBookInput>]>([
    ['no key', 'TEXT_INVALID', 'input.key', () => ({ key: '' })],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.currency', () => ({ currency: 'XXX' })],
    ['an end before its beginning', 'VALIDITY_EMPTY', 'input.validTo', () => ({ validTo: '2025-12-31' })],
    ['an unknown product', 'NOT_FOUND', 'input.entries.0.productId', () => ({ entries: [{ productId: unknownId('prd'), unitPrice: price('1') }] })],
    ['a price in another currency', 'CURRENCY_MISMATCH', 'input.entries.0.unitPrice.currency', () => ({ entries: [{ productId: given.product.id, unitPrice: price('1', 'USD') }] })],
    ['a price of nothing', 'AMOUNT_NOT_POSITIVE', 'input.entries.0.unitPrice', () => ({ entries: [{ productId: given.product.id, unitPrice: price('0') }] })],
    ['a product twice', 'PRODUCT_REPEATED', 'input.entries.1.productId', () => ({ entries: [price('1'), price('2')].map((unitPrice) => ({ productId: given.product.id, unitPrice })) })],
    ['a version of what is not there', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 1 })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert(change()))).toMatchObject({ code, path, retryable: false });
  });

  test('its currency is for ever', async () => {
    await upsert();
    expect(await refusalOf(world, () => upsert({ currency: 'USD', entries: [] }))).toMatchObject({ code: 'CURRENCY_FIXED', path: 'input.currency' });
  });
});
