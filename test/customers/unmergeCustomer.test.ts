import type { Customer } from '../../entities/customers/Customer';
import { mergeCustomers } from '../../subgraphs/customers/commands/mergeCustomers';
import { unmergeCustomer } from '../../subgraphs/customers/commands/unmergeCustomer';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { anotherCustomer, sample } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('unmergeCustomer on %s', (database) => {
  let world: World;
  let bolt: Customer;
  beforeAll(async () => {
    world = await World.open({ database });
    const { customer } = await sample(world);
    bolt = await anotherCustomer(world);
    await world.do(mergeCustomers, { customerId: customer.id, mergedIds: [bolt.id] });
  });
  afterAll(() => world.close());

  test.each([
    ['a malformed id', 'ID_MALFORMED', { customerId: MALFORMED_ID }],
    ['somebody unknown', 'NOT_FOUND', { customerId: unknownId('cus') }],
  ])('%s is refused with %s', async (_what, code, input) => {
    expect(await refusalOf(world, () => world.do(unmergeCustomer, input))).toMatchObject({ code });
  });

  test('it stands for itself again: the next version, told; a second time there is nothing to take back', async () => {
    expect(await refusalOf(world, () => world.do(unmergeCustomer, { customerId: bolt.id, expectedVersion: 1 }))).toMatchObject({ code: 'VERSION_STALE' });
    expect(await world.do(unmergeCustomer, { customerId: bolt.id, expectedVersion: 2 })).toMatchObject({ version: 3, mergedIntoId: null });
    expect((await world.told()).at(-1)).toBe('customer.unmerged');
    expect(await refusalOf(world, () => world.do(unmergeCustomer, { customerId: bolt.id }))).toMatchObject({ code: 'CUSTOMER_NOT_MERGED', path: 'input.customerId' });
  });
});
