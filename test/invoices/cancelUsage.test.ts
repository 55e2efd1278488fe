import { BilledItem } from '../../entities/invoices/BilledItem';
import { UsageEvent } from '../../entities/invoices/UsageEvent';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { cancelUsage } from '../../subgraphs/invoices/commands/cancelUsage';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { World } from '../harness/world';
import { record, type SampleUsage, sampleUsage, usageContract, usageEvent, verdicts } from './usageGiven';

describe.each(DATABASES)('cancelUsage on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sampleUsage(world);
  });
  afterEach(() => world.close());

  const cancel = (id: string, reason = 'A test call') => world.do(cancelUsage, { source: 'app', id, reason });

  test('an event that is taken back counts no more, its name stays taken, and doing it again changes nothing', async () => {
    await usageContract(world, given);
    const event = usageEvent({ id: 'mistake' });
    await record(world, event);
    expect(await cancel('mistake')).toMatchObject({ cancelledReason: 'A test call' });
    const [kept] = await rowsOf(world, UsageEvent);
    world.clock.travelTo('2026-11-25T00:00:00Z');
    await cancel('mistake', 'Again');
    expect(await rowsOf(world, UsageEvent)).toEqual([kept]);
    expect(await verdicts(world, event)).toEqual(['DUPLICATE']);
  });

  test('what was billed of it is credited by the next billing', async () => {
    const contract = await usageContract(world, given);
    await record(world, usageEvent({ id: 'mistake', time: '2026-10-05T12:00:00Z' }), usageEvent({ time: '2026-10-06T12:00:00Z', value: '50' }));
    await world.do(billContract, { contractId: contract.id });
    await cancel('mistake');
    await world.do(billContract, { contractId: contract.id });
    expect((await rowsOf(world, BilledItem)).map(({ amountMinor }) => amountMinor).sort()).toEqual([-200n, 300n]);
  });

  test.each([['an event that never came', 'NOT_FOUND', 'input.id', 'never', 'Why'], ['no reason', 'TEXT_INVALID', 'input.reason', 'mistake', ' ']])('%s is refused with %s at %s', async (_what, code, path, id, reason) => {
    expect(await refusalOf(world, () => cancel(id, reason))).toMatchObject({ code, path });
  });
});
