import type { Product } from '../../entities/customers/Product';
import { Change } from '../../entities/operations/Change';
import { Posting } from '../../entities/operations/Posting';
import type { CreateContractInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, entitlements, postings, storage } from './given';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('createContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let more: Product;
  let another: { customer: string; entity: string };
  let numbers = 0;
  const seats = (change = {}) => ({ productId: given.product.id, quantity: '10', unitPrice: EUR('100.00'), ...change });
  const input = (change: Partial<CreateContractInput> = {}): CreateContractInput => ({
    number: `C-${++numbers}`,
    customerId: given.customer.id,
    legalEntityId: given.entity.id,
    startDate: '2026-01-01',
    endDate: '2026-12-31',
    currency: 'EUR',
    lines: [seats()],
    ...change,
  });
  const create = (change?: Partial<CreateContractInput>) => world.do(createContract, input(change));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
    more = await storage(world);
    another = { customer: (await anotherCustomer(world)).id, entity: (await anotherEntity(world)).id };
  });
  afterAll(() => world.close());

  test('a new number makes version 1, active, with its lines in the order given', async () => {
    const contract = await create({ lines: [{ productId: more.id, quantity: '3', unitPrice: { amountMinor: '250', currency: 'EUR' } }, seats()] });
    expect(contract).toMatchObject({ state: 'ACTIVE', version: 1, reason: null, startDate: '2026-01-01', endDate: '2026-12-31' });
    expect(contract.lineItems).toMatchObject([
      { productKey: 'STORAGE', quantity: '3', unitPriceMinor: '250', currency: 'EUR' },
      { productKey: 'SEAT', quantity: '10', unitPriceMinor: '10000', currency: 'EUR' },
    ]);
  });

  test('it is told once, its entitlement is told held, and both are planned for billing, CRM and SaaS platform', async () => {
    const { id, number } = await create();
    expect(await rowsOf(world, Change, { resourceId: id })).toMatchObject([
      { type: 'contract.created', version: 1, customerId: given.customer.id, data: { number, state: 'ACTIVE', reason: '' } },
    ]);
    const held = (await rowsOf(world, Change, { type: 'entitlement.held' })).filter(({ data }) => (data as { contractId: string }).contractId === id);
    expect(held).toMatchObject([{ data: { productKey: 'SEAT', grantedQuantity: '0', soldQuantity: '10' } }]);
    expect(await entitlements(world, id)).toEqual(['SEAT HELD 0/10']);
    expect(await postings(world, id, 1)).toEqual(allOf('PENDING'));
  });

  test('the same contract again is answered as it is, and nothing is written but the audit entry', async () => {
    const wanted = input({ lines: [seats(), { productId: more.id, quantity: '1', unitPrice: EUR('5') }] });
    const first = await world.do(createContract, wanted);
    const before = await everything(world);
    expect(await world.do(createContract, wanted)).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test('the same contract again after an amendment is answered as amended, not begun anew', async () => {
    const wanted = input();
    const { id } = await world.do(createContract, wanted);
    await world.do(amendContract, { contractId: id, reason: 'More', lines: [{ productId: given.product.id, quantity: '12' }] });
    expect(await world.do(createContract, wanted)).toMatchObject({ id, version: 2 });
    expect(await rowsOf(world, Posting, { resourceId: id })).toHaveLength(8);
  });

  test('the same idempotency key answers version 1 and is refused for another contract', async () => {
    const wanted = input({ idempotencyKey: 'create-once' });
    const first = await world.do(createContract, wanted);
    expect(await world.do(createContract, wanted)).toMatchObject({ id: first.id, version: 1, lineItems: first.lineItems });
    const refusal = await refusalOf(world, () => create({ idempotencyKey: 'create-once' }));
    expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH', path: 'idempotencyKey' });
  });

  test.each<[string, string, () => Partial<CreateContractInput>]>([
    ['customer', 'input.customerId', () => ({ customerId: another.customer })],
    ['legal entity', 'input.legalEntityId', () => ({ legalEntityId: another.entity })],
    ['first day', 'input.startDate', () => ({ startDate: '2026-01-02' })],
    ['last day', 'input.endDate', () => ({ endDate: '2027-12-31' })],
    ['currency', 'input.currency', () => ({ currency: 'USD', lines: [seats({ unitPrice: { amount: '100', currency: 'USD' } })] })],
    ['quantity', 'input.lines', () => ({ lines: [seats({ quantity: '11' })] })],
    ['price', 'input.lines', () => ({ lines: [seats({ unitPrice: EUR('100.01') })] })],
    ['product', 'input.lines', () => ({ lines: [seats({ productId: more.id })] })],
    ['line more', 'input.lines', () => ({ lines: [seats(), { productId: more.id, quantity: '1', unitPrice: EUR('1') }] })],
  ])('the same number with another %s is refused with DOCUMENT_DIFFERS at %s', async (_what, path, change) => {
    const wanted = input();
    await world.do(createContract, wanted);
    const refusal = await refusalOf(world, () => world.do(createContract, { ...wanted, ...change() }));
    expect(refusal).toMatchObject({ code: 'DOCUMENT_DIFFERS', path, retryable: false });
  });

  test.each<[string, string, string, () => Partial<CreateContractInput>]>([
    ['an empty number', 'TEXT_INVALID', 'input.number', () => ({ number: '' })],
    ['a number of 192 characters', 'TEXT_INVALID', 'input.number', () => ({ number: 'x'.repeat(192) })],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.currency', () => ({ currency: 'XXX' })],
    ['an end before the beginning', 'TERM_INVALID', 'input.endDate', () => ({ endDate: '2025-12-31' })],
    ['a beginning before the books', 'PERIOD_BEFORE_FIRST', 'input.startDate', () => ({ startDate: '2024-12-31' })],
    ['a malformed customer', 'ID_MALFORMED', 'input.customerId', () => ({ customerId: MALFORMED_ID })],
    ['an unknown customer', 'NOT_FOUND', 'input.customerId', () => ({ customerId: unknownId('cus') })],
    ["another tenant's customer", 'NOT_FOUND', 'input.customerId', () => ({ customerId: foreign.customer.id })],
    ['a malformed legal entity', 'ID_MALFORMED', 'input.legalEntityId', () => ({ legalEntityId: MALFORMED_ID })],
    ['a customer as legal entity', 'ID_MALFORMED', 'input.legalEntityId', () => ({ legalEntityId: given.customer.id })],
    ['an unknown legal entity', 'NOT_FOUND', 'input.legalEntityId', () => ({ legalEntityId: unknownId('ent') })],
    ["another tenant's legal entity", 'NOT_FOUND', 'input.legalEntityId', () => ({ legalEntityId: foreign.entity.id })],
    ['no line', 'LINES_MISSING', 'input.lines', () => ({ lines: [] })],
    ['a malformed product', 'ID_MALFORMED', 'input.lines.0.productId', () => ({ lines: [seats({ productId: MALFORMED_ID })] })],
    ['an unknown product', 'NOT_FOUND', 'input.lines.1.productId', () => ({ lines: [seats(), seats({ productId: unknownId('prd') })] })],
    ["another tenant's product", 'NOT_FOUND', 'input.lines.0.productId', () => ({ lines: [seats({ productId: foreign.product.id })] })],
    ['a product named twice', 'LINE_REPEATED', 'input.lines.1', () => ({ lines: [seats(), seats()] })],
    ['a line of nothing', 'LINE_UNKNOWN', 'input.lines.0', () => ({ lines: [seats({ quantity: '0' })] })],
    ['half a seat', 'QUANTITY_INVALID', 'input.lines.0.quantity', () => ({ lines: [seats({ quantity: '0.5' })] })],
    ['a negative quantity', 'QUANTITY_INVALID', 'input.lines.0.quantity', () => ({ lines: [seats({ quantity: '-1' })] })],
    ['a quantity with a leading zero', 'QUANTITY_INVALID', 'input.lines.0.quantity', () => ({ lines: [seats({ quantity: '010' })] })],
    ['a quantity of thirteen digits', 'QUANTITY_INVALID', 'input.lines.0.quantity', () => ({ lines: [seats({ quantity: '1'.repeat(13) })] })],
    ['a line without a price', 'PRICE_MISSING', 'input.lines.0', () => ({ lines: [seats({ unitPrice: undefined })] })],
    ['a price in another currency', 'CURRENCY_MISMATCH', 'input.lines.0.unitPrice.currency', () => ({ lines: [seats({ unitPrice: { amount: '1', currency: 'USD' } })] })],
    ['a price of nothing', 'AMOUNT_NOT_POSITIVE', 'input.lines.0.unitPrice', () => ({ lines: [seats({ unitPrice: EUR('0') })] })],
    ['a negative price', 'AMOUNT_NOT_POSITIVE', 'input.lines.0.unitPrice', () => ({ lines: [seats({ unitPrice: EUR('-1') })] })],
    ['a price with three decimals', 'AMOUNT_TOO_PRECISE', 'input.lines.0.unitPrice.amount', () => ({ lines: [seats({ unitPrice: EUR('1.001') })] })],
    ['a price without an amount', 'AMOUNT_MISSING', 'input.lines.0.unitPrice', () => ({ lines: [seats({ unitPrice: { currency: 'EUR' } })] })],
    ['a price in words', 'AMOUNT_MALFORMED', 'input.lines.0.unitPrice.amount', () => ({ lines: [seats({ unitPrice: EUR('ten') })] })],
    ['a price beyond the limit', 'AMOUNT_TOO_LARGE', 'input.lines.0.unitPrice.amountMinor', () => ({ lines: [seats({ unitPrice: { amountMinor: '9000000000000001', currency: 'EUR' } })] })],
    ['more than amounts may be', 'AMOUNT_TOO_LARGE', 'input.lines', () => ({ lines: [seats({ quantity: '999999999999', unitPrice: { amountMinor: '9000000000000', currency: 'EUR' } })] })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => create(change()))).toMatchObject({ code, path, retryable: false });
  });

  test('a term of one day is a term', async () => {
    expect(await create({ endDate: '2026-01-01' })).toMatchObject({ startDate: '2026-01-01', endDate: '2026-01-01' });
  });

  test('the public schema answers the contract, or what it was refused with', async () => {
    const mutation = `mutation($input: CreateContractInput!) { createContract(input: $input) { __typename
      ... on Contract { version lines { quantity unitPrice { amount } } customer { id } subscriptions { state } } ... on Refused { code message path retryable } } }`;
    const wanted = input({ number: 'PUBLIC' });
    const done = await world.ask(mutation, { input: wanted }, { role: 'crm' });
    expect(done.data.createContract).toEqual({
      __typename: 'Contract', version: 1, lines: [{ quantity: '10', unitPrice: { amount: '100.00' } }], customer: { id: given.customer.id }, subscriptions: [{ state: 'HELD' }],
    });
    const no = await world.ask(mutation, { input: { ...wanted, endDate: '2026-06-30' } }, { role: 'crm' });
    expect(no.data.createContract).toEqual({
      __typename: 'Refused', code: 'DOCUMENT_DIFFERS', message: 'Contract PUBLIC was created otherwise; amend it, or use another number.', path: 'input.endDate', retryable: false,
    });
    expect((await world.ask(mutation, { input: wanted }, { role: 'ops' })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
