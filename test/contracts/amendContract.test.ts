import type { Contract } from '../../entities/contracts/Contract';
import type { Product } from '../../entities/customers/Product';
import type { AmendContractInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import type { Backend } from '../../sync/documents';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, entitlements, postings, storage } from './given';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('amendContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let more: Product;
  let numbers = 0;
  const contractOf10 = () => sampleContract(world, given, `A-${++numbers}`);
  const seats = (quantity: string, unitPrice?: { amount: string; currency: string }) => ({ productId: given.product.id, quantity, unitPrice });
  const amend = ({ id }: Pick<Contract, 'id'>, lines: AmendContractInput['lines'], change: Partial<AmendContractInput> = {}) =>
    world.do(amendContract, { contractId: id, reason: 'As agreed', lines, ...change });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
    more = await storage(world);
  });
  afterAll(() => world.close());

  test('an amendment makes version 2 with its reason, is told, and is planned for all backends', async () => {
    const contract = await contractOf10();
    const amended = await amend(contract, [seats('12')], { expectedVersion: 1 });
    expect(amended).toMatchObject({ id: contract.id, version: 2, state: 'ACTIVE', reason: 'As agreed' });
    expect(amended.lineItems).toMatchObject([{ quantity: '12', unitPriceMinor: '10000' }]);
    expect((await world.told()).slice(-2)).toEqual(['contract.amended', 'entitlement.held']);
    expect(await postings(world, contract.id, 2)).toEqual(allOf('PENDING'));
  });

  test('a line that is not named stays, a new one comes last, and a price that is not said stays', async () => {
    const contract = await contractOf10();
    const wider = await amend(contract, [{ productId: more.id, quantity: '2', unitPrice: EUR('7.50') }]);
    expect(wider.lineItems.map(({ productKey, quantity }) => `${productKey} ${quantity}`)).toEqual(['SEAT 10', 'STORAGE 2']);
    const dearer = await amend(contract, [seats('10', EUR('110.00')), { productId: more.id, quantity: '3' }]);
    expect(dearer.lineItems.map(({ quantity, unitPriceMinor }) => `${quantity} at ${unitPriceMinor}`)).toEqual(['10 at 11000', '3 at 750']);
    const narrower = await amend(contract, [seats('0')]);
    expect(narrower.lines.map(({ productKey }) => productKey)).toEqual(['STORAGE']);
  });

  test.each([
    ['more', '15', 'SEAT HELD 10/15', 'SEAT ACTIVE 15/15'],
    ['less', '4', 'SEAT ACTIVE 4/4', 'SEAT ACTIVE 4/4'],
    ['as many', '10', 'SEAT ACTIVE 10/10', 'SEAT ACTIVE 10/10'],
  ])('%s than was granted: %s sold is %s at once and %s once posted', async (_what, quantity, atOnce, posted) => {
    const contract = await contractOf10();
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
    await amend(contract, [seats(quantity)]);
    expect(await entitlements(world, contract.id)).toEqual([atOnce]);
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual([posted]);
    expect(await postings(world, contract.id, 2)).toEqual(allOf('POSTED'));
  });

  test('a line taken away ends its entitlement at once, and sold again it is held again', async () => {
    const contract = await contractOf10();
    await amend(contract, [{ productId: more.id, quantity: '2', unitPrice: EUR('1') }]);
    await world.settles();
    await amend(contract, [{ productId: more.id, quantity: '0' }]);
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10', 'STORAGE ENDED 0/0']);
    await world.settles();
    await amend(contract, [{ productId: more.id, quantity: '3', unitPrice: EUR('1') }]);
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10', 'STORAGE HELD 0/3']);
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10', 'STORAGE ACTIVE 3/3']);
  });

  test('an expansion reduced again before it was posted never grants more than is sold', async () => {
    const contract = await contractOf10();
    await world.settles();
    await amend(contract, [seats('20')]);
    await amend(contract, [seats('12')]);
    expect(await entitlements(world, contract.id)).toEqual(['SEAT HELD 10/12']);
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 12/12']);
  });

  test.each<Backend>(['billing', 'crm', 'saas'])('an expansion is held while %s is down, and granted once it is back', async (backend) => {
    const contract = await contractOf10();
    await world.settles();
    world.sandbox!.faults.set({ backend, fault: 'down' });
    await amend(contract, [seats('15')]);
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT HELD 10/15']);
    world.sandbox!.faults.clear();
    world.clock.travelTo(new Date(world.clock.nowMs() + 3_600_000).toISOString());
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 15/15']);
  });

  test('the same idempotency key amends once, also when the contract has moved on', async () => {
    const contract = await contractOf10();
    const once = { idempotencyKey: `amend-${contract.id}` };
    await amend(contract, [seats('11')], once);
    await amend(contract, [seats('12')]);
    expect(await amend(contract, [seats('11')], once)).toMatchObject({ id: contract.id, version: 2, lineItems: [{ quantity: '11' }] });
    expect(await postings(world, contract.id, 4)).toEqual([]);
    expect(await refusalOf(world, () => amend(contract, [seats('13')], once))).toMatchObject({ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH' });
  });

  test.each<[string, string, string, () => Partial<AmendContractInput>]>([
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', () => ({ contractId: MALFORMED_ID })],
    ['an invoice as contract', 'ID_MALFORMED', 'input.contractId', () => ({ contractId: unknownId('inv') })],
    ['an unknown contract', 'NOT_FOUND', 'id', () => ({ contractId: unknownId('con') })],
    ['an earlier version', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 1 })],
    ['a later version', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 3 })],
    ['no reason', 'TEXT_INVALID', 'input.reason', () => ({ reason: ' ' })],
    ['a reason of 192 characters', 'TEXT_INVALID', 'input.reason', () => ({ reason: 'x'.repeat(192) })],
    ['an unknown product', 'NOT_FOUND', 'input.lines.0.productId', () => ({ lines: [{ productId: unknownId('prd'), quantity: '1' }] })],
    ["another tenant's product", 'NOT_FOUND', 'input.lines.0.productId', () => ({ lines: [{ productId: foreign.product.id, quantity: '1' }] })],
    ['a new line without a price', 'PRICE_MISSING', 'input.lines.0', () => ({ lines: [{ productId: more.id, quantity: '1' }] })],
    ['an absent line taken away', 'LINE_UNKNOWN', 'input.lines.0', () => ({ lines: [{ productId: more.id, quantity: '0' }] })],
    ['a line named twice', 'LINE_REPEATED', 'input.lines.1', () => ({ lines: [seats('1'), seats('2')] })],
    ['a line taken away and named again', 'LINE_REPEATED', 'input.lines.1', () => ({ lines: [seats('0'), seats('2')] })],
    ['the last line taken away', 'LINES_MISSING', 'input.lines', () => ({ lines: [seats('0')] })],
    ['half a seat', 'QUANTITY_INVALID', 'input.lines.0.quantity', () => ({ lines: [seats('1.5')] })],
    ['a price in another currency', 'CURRENCY_MISMATCH', 'input.lines.0.unitPrice.currency', () => ({ lines: [seats('1', { amount: '1', currency: 'USD' })] })],
    ['a price of nothing', 'AMOUNT_NOT_POSITIVE', 'input.lines.0.unitPrice', () => ({ lines: [seats('1', EUR('0'))] })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await contractOf10();
    await amend(contract, [seats('11')]);
    expect(await refusalOf(world, () => amend(contract, [seats('12')], change()))).toMatchObject({ code, path, retryable: false });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT HELD 0/11']);
  });

  test("another tenant's contract is not there", async () => {
    const theirs = await sampleContract(world, foreign);
    expect(await refusalOf(world, () => amend(theirs, [seats('1')]))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a cancelled contract is amended no more', async () => {
    const contract = await contractOf10();
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left' });
    expect(await refusalOf(world, () => amend(contract, [seats('1')]))).toMatchObject({ code: 'MOVE_NOT_ALLOWED', retryable: false });
  });

  test('every version stays readable, by number, by instant and as history', async () => {
    const contract = await contractOf10();
    const between = new Date(world.clock.nowMs()).toISOString();
    world.clock.travelTo(new Date(world.clock.nowMs() + 60_000).toISOString());
    await amend(contract, [seats('12')], { reason: 'Two more' });
    const fields = 'version reason lines { quantity }';
    const query = `query($id: ID!, $asOf: DateTimeISO!) { now: contract(id: $id) { ${fields} history { ${fields} } }
      first: contract(id: $id, version: 1) { ${fields} } third: contract(id: $id, version: 3) { version } then: contract(id: $id, asOf: $asOf) { ${fields} } }`;
    const one = { version: 1, reason: null, lines: [{ quantity: '10' }] };
    const two = { version: 2, reason: 'Two more', lines: [{ quantity: '12' }] };
    const { data } = await world.ask(query, { id: contract.id, asOf: between });
    expect(data).toEqual({ now: { ...two, history: [one, two] }, first: one, third: null, then: one });
  });

  test('the public schema answers the contract, or what it was refused with', async () => {
    const mutation = `mutation($input: AmendContractInput!) { amendContract(input: $input) {
      __typename ... on Contract { version reason } ... on Refused { code message path retryable } } }`;
    const contract = await contractOf10();
    const wanted = { contractId: contract.id, reason: 'More', expectedVersion: 1, lines: [{ productId: given.product.id, quantity: '12' }] };
    expect((await world.ask(mutation, { input: wanted })).data.amendContract).toEqual({ __typename: 'Contract', version: 2, reason: 'More' });
    const before = await everything(world);
    expect((await world.ask(mutation, { input: wanted })).data.amendContract).toEqual({
      __typename: 'Refused', code: 'VERSION_STALE', path: 'expectedVersion', retryable: false,
      message: `Contract ${contract.id} is at version 2, not 1; read it again and decide anew.`,
    });
    expect(await everything(world)).toEqual(before);
  });
});
