import { assignException } from '../../subgraphs/operations/commands/assignException';
import { resolveException } from '../../subgraphs/operations/commands/resolveException';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { rejectedInvoice } from './given';

describe.each(DATABASES)('assignException on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    await world.settles();
  });
  afterAll(() => world.close());

  test('an open exception gets an owner, in a version of its own that is told', async () => {
    const { item } = await rejectedInvoice(world, given, 'A-1');
    const assigned = await world.do(assignException, { exceptionId: item.id, owner: 'dana', expectedVersion: 1 });
    expect(assigned).toMatchObject({ id: item.id, version: 2, state: 'OPEN', owner: 'dana', atRiskMinor: 12_000n });
    expect((await world.told()).at(-1)).toBe('exception.assigned');
    const { data } = await world.ask('query($o: String) { exceptions(filter: { owner: $o }) { nodes { id owner nextAction moneyAtRisk { amount } } } }', { o: 'dana' });
    expect(data.exceptions.nodes).toMatchObject([{ id: item.id, owner: 'dana', moneyAtRisk: { amount: '120.00' } }]);
  });

  test('a stale version, a resolved exception, an empty owner and ids that are not the tenant\'s are refused', async () => {
    const { item } = await rejectedInvoice(world, given, 'A-2');
    const assign = (change: object, tenant = 'demo') =>
      refusalOf(world, () => world.do(assignException, { exceptionId: item.id, owner: 'dana', ...change }, world.actor('ops', tenant)));
    expect(await assign({ expectedVersion: 7 })).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion' });
    expect(await assign({ owner: ' ' })).toMatchObject({ code: 'TEXT_INVALID', path: 'input.owner' });
    expect(await assign({ exceptionId: MALFORMED_ID })).toMatchObject({ code: 'ID_MALFORMED' });
    expect(await assign({ exceptionId: unknownId('exc') })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await assign({}, 'other')).toMatchObject({ code: 'NOT_FOUND' });
    await world.do(resolveException, { exceptionId: item.id, resolution: 'Done by hand' });
    expect(await assign({})).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });
});
