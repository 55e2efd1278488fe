import type { Contract } from '../../entities/contracts/Contract';
import type { RenewContractInput } from '../../subgraphs/contracts/api';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, entitlements, postings } from './given';

describe.each(DATABASES)('renewContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let numbers = 0;
  const contractOf10 = () => sampleContract(world, given, `R-${++numbers}`);
  const seats = (quantity: string) => ({ productId: given.product.id, quantity });
  const renew = ({ id }: Pick<Contract, 'id'>, change: Partial<RenewContractInput> = {}) =>
    world.do(renewContract, { contractId: id, endDate: '2027-12-31', reason: 'Renewal', lines: [], ...change });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterAll(() => world.close());

  test('a renewal makes version 2 with the later end and the same lines, and is told and posted', async () => {
    const contract = await contractOf10();
    const renewed = await renew(contract, { expectedVersion: 1 });
    expect(renewed).toMatchObject({ id: contract.id, version: 2, startDate: '2026-01-01', endDate: '2027-12-31', reason: 'Renewal', lineItems: contract.lineItems });
    expect((await world.told()).at(-1)).toBe('contract.renewed');
    expect(await postings(world, contract.id, 2)).toEqual(allOf('PENDING'));
    await world.settles();
    expect(await postings(world, contract.id, 2)).toEqual(allOf('POSTED'));
  });

  test.each([
    ['as many seats', [], ['SEAT ACTIVE 10/10']],
    ['more seats', ['12'], ['SEAT HELD 10/12']],
    ['fewer seats', ['5'], ['SEAT ACTIVE 5/5']],
  ])('a renewal with %s leaves the entitlement so until it is posted', async (_what, quantities, atOnce) => {
    const contract = await contractOf10();
    await world.settles();
    await renew(contract, { lines: quantities.map(seats), effectiveDate: '2026-11-24' });
    expect(await entitlements(world, contract.id)).toEqual(atOnce);
    await world.settles();
    expect((await entitlements(world, contract.id))[0]).toContain('ACTIVE');
  });

  test('the same idempotency key renews once', async () => {
    const contract = await contractOf10();
    const once = { idempotencyKey: `renew-${contract.id}` };
    const first = await renew(contract, once);
    expect(await renew(contract, once)).toMatchObject({ id: contract.id, version: first.version, endDate: '2027-12-31' });
    expect(await postings(world, contract.id, 3)).toEqual([]);
  });

  test('the same renewal again without a key is refused, for the term already runs to that day', async () => {
    const contract = await contractOf10();
    await renew(contract);
    expect(await refusalOf(world, () => renew(contract))).toMatchObject({ code: 'RENEWAL_SHORTENS', path: 'input.endDate', retryable: false });
  });

  test.each<[string, string, string, () => Partial<RenewContractInput>]>([
    ['an end on the same day', 'RENEWAL_SHORTENS', 'input.endDate', () => ({ endDate: '2026-12-31' })],
    ['an earlier end', 'RENEWAL_SHORTENS', 'input.endDate', () => ({ endDate: '2026-06-30' })],
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', () => ({ contractId: MALFORMED_ID })],
    ['an unknown contract', 'NOT_FOUND', 'id', () => ({ contractId: unknownId('con') })],
    ['a version that never was', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 2 })],
    ['no reason', 'TEXT_INVALID', 'input.reason', () => ({ reason: '' })],
    ['the last line taken away', 'LINES_MISSING', 'input.lines', () => ({ lines: [seats('0')] })],
    ['a line named twice', 'LINE_REPEATED', 'input.lines.1', () => ({ lines: [seats('1'), seats('1')] })],
    ['half a seat', 'QUANTITY_INVALID', 'input.lines.0.quantity', () => ({ lines: [seats('0.5')] })],
    ["another tenant's product", 'NOT_FOUND', 'input.lines.0.productId', () => ({ lines: [{ productId: foreign.product.id, quantity: '1' }] })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await contractOf10();
    expect(await refusalOf(world, () => renew(contract, change()))).toMatchObject({ code, path, retryable: false });
  });

  test("another tenant's contract is not there", async () => {
    const theirs = await sampleContract(world, foreign);
    expect(await refusalOf(world, () => renew(theirs))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a cancelled contract is renewed no more', async () => {
    const contract = await contractOf10();
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left' });
    expect(await refusalOf(world, () => renew(contract))).toMatchObject({ code: 'MOVE_NOT_ALLOWED', retryable: false });
  });

  test('the public schema answers the contract, or what it was refused with', async () => {
    const mutation = `mutation($input: RenewContractInput!) { renewContract(input: $input) {
      __typename ... on Contract { version endDate reason } ... on Refused { code message path retryable } } }`;
    const input = { contractId: (await contractOf10()).id, endDate: '2027-12-31' };
    const done = await world.ask(mutation, { input });
    expect(done.data.renewContract).toEqual({ __typename: 'Contract', version: 2, endDate: '2027-12-31', reason: 'Renewal' });
    expect((await world.ask(mutation, { input })).data.renewContract).toEqual({
      __typename: 'Refused', code: 'RENEWAL_SHORTENS', message: 'The term already runs to 2027-12-31; a renewal must end later.', path: 'input.endDate', retryable: false,
    });
  });
});
