import { resolveException } from '../../subgraphs/operations/commands/resolveException';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { rejectedInvoice } from './given';

describe.each(DATABASES)('resolveException on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    await world.settles();
  });
  afterAll(() => world.close());

  test('a person\'s word closes an exception and says how; the customer has none open any more', async () => {
    const { item } = await rejectedInvoice(world, given, 'E-1');
    const open = async () => (await world.ask('query($id: ID!) { customer(id: $id) { financialStatus { openExceptions } } }', { id: given.customer.id })).data.customer.financialStatus.openExceptions;
    expect(await open()).toBe(1);
    const resolved = await world.do(resolveException, { exceptionId: item.id, resolution: 'Booked by hand' });
    expect(resolved).toMatchObject({ id: item.id, version: 2, state: 'RESOLVED', resolution: 'Booked by hand' });
    expect((await world.told()).at(-1)).toBe('exception.resolved');
    expect(await open()).toBe(0);
  });

  test('a resolved exception, a stale version, no words and ids that are not the tenant\'s are refused', async () => {
    const { item } = await rejectedInvoice(world, given, 'E-2');
    const resolve = (change: object, tenant = 'demo') =>
      refusalOf(world, () => world.do(resolveException, { exceptionId: item.id, resolution: 'Done', ...change }, world.actor('ops', tenant)));
    expect(await resolve({ expectedVersion: 9 })).toMatchObject({ code: 'VERSION_STALE' });
    expect(await resolve({ resolution: '' })).toMatchObject({ code: 'TEXT_INVALID', path: 'input.resolution' });
    expect(await resolve({ exceptionId: MALFORMED_ID })).toMatchObject({ code: 'ID_MALFORMED' });
    expect(await resolve({ exceptionId: unknownId('exc') })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await resolve({}, 'other')).toMatchObject({ code: 'NOT_FOUND' });
    await world.do(resolveException, { exceptionId: item.id, resolution: 'Done' });
    expect(await resolve({})).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
    const query = 'mutation($input: ResolveExceptionInput!) { resolveException(input: $input) { ... on Refused { code retryable } } }';
    const { data } = await world.ask(query, { input: { exceptionId: item.id, resolution: 'Again' } }, { role: 'ops' });
    expect(data.resolveException).toEqual({ code: 'MOVE_NOT_ALLOWED', retryable: false });
  });
});
