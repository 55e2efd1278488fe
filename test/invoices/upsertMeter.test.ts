import { LateUsage, MeterAggregation } from '../../entities/invoices/Meter';
import type { UpsertMeterInput } from '../../subgraphs/invoices/api/usage';
import { DATABASES } from '../harness/databases';
import { refusalOf } from '../harness/refusals';
import { World } from '../harness/world';
import { makeMeter } from './usageGiven';

describe.each(DATABASES)('upsertMeter on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database });
  });
  afterAll(() => world.close());

  test('a new key makes version 1 with what is usual, something else the next, and the same again nothing', async () => {
    const plain = { key: 'calls', unit: 'calls', aggregation: 'SUM', valueField: 'value', decimals: 0, graceDays: 0, lateUsage: 'ADJUST', holdAboveUnits: null, holdAbovePercent: null };
    expect(await makeMeter(world)).toMatchObject({ version: 1, ...plain });
    const change = { graceDays: 3, lateUsage: LateUsage.REFUSE, holdAboveUnits: '1000', holdAbovePercent: 300, expectedVersion: 1 };
    expect(await makeMeter(world, change)).toMatchObject({ version: 2, graceDays: 3, lateUsage: 'REFUSE', holdAboveUnits: '1000', holdAbovePercent: 300 });
    expect(await makeMeter(world, { ...change, expectedVersion: 2 })).toMatchObject({ version: 2 });
    expect((await world.told()).filter((type) => type === 'meter.upserted')).toHaveLength(2);
  });

  test.each<[string, string, string, Partial<UpsertMeterInput>]>([
    ['another aggregation', 'METER_FIXED', 'input.aggregation', { aggregation: MeterAggregation.MAX }],
    ['other decimals', 'METER_FIXED', 'input.decimals', { decimals: 3 }],
    ['too many decimals', 'METER_INVALID', 'input.decimals', { decimals: 10 }],
    ['a grace before the end', 'METER_INVALID', 'input.graceDays', { graceDays: -1 }],
    ['a grace of months', 'METER_INVALID', 'input.graceDays', { graceDays: 61 }],
    ['a gate at nothing', 'METER_INVALID', 'input.holdAbovePercent', { holdAbovePercent: 0 }],
    ['a gate that is no number', 'QUANTITY_INVALID', 'input.holdAboveUnits', { holdAboveUnits: '1e3' }],
    ['no unit', 'TEXT_INVALID', 'input.unit', { unit: '' }],
    ['a stale version', 'VERSION_STALE', 'expectedVersion', { expectedVersion: 7 }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    await makeMeter(world, { key: 'fixed' });
    expect(await refusalOf(world, () => makeMeter(world, { key: 'fixed', ...change }))).toMatchObject({ code, path });
  });
});
