import { ClosedPeriodPolicy } from '../../entities/customers/LegalEntity';
import { PeriodHold } from '../../entities/operations/PeriodHold';
import { releasePostings } from '../../subgraphs/operations/commands/releasePostings';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { tenantsWithDueHolds } from '../../sync/holds';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { choosePolicy, closeBooks, erpOf, heldInvoice } from './given';

describe.each(DATABASES)('releasePostings on %s', (database) => {
  let world: World;
  beforeEach(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
  });
  afterEach(() => world.close());

  const release = (postingsMax = 100, tenant = 'demo') => world.do(releasePostings, { postingsMax }, world.actor('ops', tenant));
  const due = () => tenantsWithDueHolds(world.database.reads, world.clock.nowMs());

  async function twoThatWait() {
    const given = await sample(world);
    await choosePolicy(world, given, ClosedPeriodPolicy.WAIT);
    await closeBooks(world, '2026-11-30');
    const invoices = [await sampleInvoice(world, given, 'R-1'), await sampleInvoice(world, given, 'R-2')];
    await world.settles();
    return { given, invoices };
  }

  test('what has waited an hour is PENDING again, as many as are asked for and no sooner', async () => {
    const { invoices } = await twoThatWait();
    expect([await due(), await release()]).toEqual([[], 0]);
    world.clock.travelTo('2026-11-24T10:01:00Z');
    expect([await due(), await release(100, 'other')]).toEqual([['demo'], 0]);
    expect([await release(1), await release(1), await release(1)]).toEqual([1, 1, 0]);
    for (const invoice of invoices) expect(await erpOf(world, invoice)).toMatchObject({ posting: { state: 'PENDING' }, hold: { dueAtMs: null }, items: [{ state: 'OPEN' }] });
  });

  test('what a person has sent again meanwhile is left alone', async () => {
    const { invoices } = await twoThatWait();
    const { posting } = await erpOf(world, invoices[0]!);
    await world.do(retryPosting, { postingId: posting.id });
    world.clock.travelTo('2026-11-24T10:01:00Z');
    expect(await release()).toBe(2);
    expect((await rowsOf(world, PeriodHold)).map(({ dueAtMs }) => dueAtMs)).toEqual([null, null]);
    expect((await erpOf(world, invoices[0]!)).posting).toMatchObject({ state: 'PENDING', attempts: 1 });
  });

  test('what waits for a person is not sent again', async () => {
    const given = await sample(world);
    const { invoice } = await heldInvoice(world, given, 'R-1');
    world.clock.travelTo('2026-12-24T10:01:00Z');
    expect([await due(), await release()]).toEqual([[], 0]);
    expect((await erpOf(world, invoice)).posting.state).toBe('REJECTED');
  });
});
