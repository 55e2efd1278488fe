import { LateUsage, MeterAggregation } from '../../entities/invoices/Meter';
import { UsageEvent } from '../../entities/invoices/UsageEvent';
import { Refusal } from '../../entities/refusal';
import { LegalEntity } from '../../entities/customers/LegalEntity';
import type { UsageEventInput } from '../../subgraphs/invoices/api/usage';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { recordUsage } from '../../subgraphs/invoices/commands/recordUsage';
import { countEvents } from '../../subgraphs/invoices/queries/countEvents';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { World } from '../harness/world';
import { makeMeter, perCall, record, type SampleUsage, sampleUsage, usageContract, usageEvent, verdicts } from './usageGiven';

describe.each(DATABASES)('recordUsage on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  beforeEach(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sampleUsage(world);
    await usageContract(world, given);
  });
  afterEach(() => world.close());

  const kept = async () => (await rowsOf(world, UsageEvent)).map(({ onDay, quantity }) => `${onDay} ${quantity}`).sort();

  test('an event is kept once for ever: again it is a duplicate, and something else under its name a conflict', async () => {
    const event = usageEvent();
    expect(await verdicts(world, event)).toEqual(['ACCEPTED']);
    world.clock.travelTo('2026-12-20T00:00:00Z');
    const others = [{ ...event, value: '101' }, { ...event, time: '2026-11-05T12:00:01Z' }, { ...event, source: 'other app' }];
    expect(await verdicts(world, event, ...others)).toEqual(['DUPLICATE', 'USAGE_CONFLICT', 'USAGE_CONFLICT', 'ACCEPTED']);
    expect(await verdicts(world, { ...event, time: '2026-11-05T13:00:00+01:00', value: '100.0' })).toEqual(['DUPLICATE']); // the same said otherwise
    expect(await kept()).toEqual(['2026-11-05 100', '2026-11-05 100']);
  });

  test('within a batch the first of a name counts', async () => {
    const event = usageEvent();
    expect(await verdicts(world, event, event, { ...event, value: '7' })).toEqual(['ACCEPTED', 'DUPLICATE', 'USAGE_CONFLICT']);
    expect(await kept()).toEqual(['2026-11-05 100']);
  });

  test('what is wrong with one event keeps none of the others out', async () => {
    const { subject: _, ...rest } = usageEvent();
    const batch = [usageEvent(), { ...rest, subject: 'NO-SUCH' }, usageEvent({ value: '-1' }), usageEvent()];
    expect(await verdicts(world, ...batch)).toEqual(['ACCEPTED', 'CONTRACT_UNKNOWN', 'USAGE_VALUE_MALFORMED', 'ACCEPTED']);
    expect(await kept()).toHaveLength(2);
  });

  test('the day is that of the legal entity, and a contract may be named by its id', async () => {
    const contract = await usageContract(world, given, { number: 'U-2' });
    expect(await verdicts(world, usageEvent({ time: '2026-10-31T22:59:59Z' }), usageEvent({ time: '2026-10-31T23:00:00Z', subject: contract.id }))).toEqual(['ACCEPTED', 'ACCEPTED']);
    expect(await kept()).toEqual(['2026-10-31 100', '2026-11-01 100']); // Berlin is an hour ahead
  });

  test('no event, and more than 5,000, are refused whole', async () => {
    expect(await refusalOf(world, () => record(world))).toMatchObject({ code: 'USAGE_BATCH_SIZE', path: 'input.events' });
    const many = Array.from({ length: 5_001 }, () => usageEvent());
    await expect(world.do(recordUsage, { events: many })).rejects.toBeInstanceOf(Refusal);
  });

  test('the same events from many senders at once are taken once each', async () => {
    const events = Array.from({ length: 200 }, () => usageEvent({ value: '1' }));
    const senders = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? events : [...events].reverse()));
    const done = await Promise.all(senders.map((batch) => record(world, ...batch)));
    expect(done.reduce((all, { accepted }) => all + accepted, 0)).toBe(200);
    expect(done.flatMap(({ failed }) => failed)).toEqual([]);
    expect(await rowsOf(world, UsageEvent)).toHaveLength(200);
  });

  test("another tenant's contract and meter are not there, and its events have names of their own", async () => {
    const theirs = await sampleUsage(world, 'other');
    const foreign = await usageContract(world, theirs, { number: 'U-9' });
    const event = usageEvent({ subject: foreign.id });
    expect(await verdicts(world, event, usageEvent({ subject: 'U-9' }))).toEqual(['CONTRACT_UNKNOWN', 'CONTRACT_UNKNOWN']);
    const done = await world.do(recordUsage, { events: [event] }, world.actor('ops', 'other'));
    expect(done.accepted).toBe(1);
    expect(await verdicts(world, { ...event, subject: 'U-1' })).toEqual(['ACCEPTED']);
  });

  test('the public schema answers for each event, and a partner may not report usage', async () => {
    const mutation = `mutation($input: RecordUsageInput!) { recordUsage(input: $input) { __typename ... on RecordedUsage { accepted events { id verdict } failed { id refusal { code path message } } } } }`;
    const input = { events: [usageEvent({ id: 'one' }), usageEvent({ id: 'two', value: 'x' })] };
    const { data } = await world.ask(mutation, { input }, { role: 'ops' });
    expect(data.recordUsage).toMatchObject({ accepted: 1, events: [{ id: 'one', verdict: 'ACCEPTED' }, { id: 'two', verdict: 'REFUSED' }], failed: [{ id: 'two', refusal: { code: 'USAGE_VALUE_MALFORMED' } }] });
    const again = { input: { events: [usageEvent({ id: 'three' })], idempotencyKey: 'BATCH-1' } };
    const [first, replay] = [await world.ask(mutation, again, { role: 'ops' }), await world.ask(mutation, again, { role: 'ops' })];
    expect(first.data.recordUsage).toMatchObject({ accepted: 1 });
    expect(replay.data).toEqual(first.data);
    expect((await world.ask(mutation, { input }, { role: 'partner' })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  describe('counting', () => {
    const LEVELS: [time: string, value: string][] = [
      ['2026-10-20T00:00:00Z', '4'], ['2026-11-02T00:00:00Z', '10'], ['2026-11-12T00:00:00Z', '2'], ['2026-11-12T00:00:00Z', '7'], ['2026-11-22T00:00:00Z', '1'],
    ];
    const count = async (aggregation: MeterAggregation, change: Partial<UsageEventInput>[], decimals = 0) => {
      const meter = await makeMeter(world, { key: 'level', aggregation, decimals });
      const contract = await usageContract(world, given, { number: 'U-3', usage: perCall(meter) });
      const events = LEVELS.map(([time, value], index) => usageEvent({ id: `${aggregation}-${index}`, subject: 'U-3', type: 'level', time, value, ...change[index] }));
      expect((await record(world, ...events)).accepted).toBe(events.length);
      const { timeZone } = (await rowsOf(world, LegalEntity))[0]!;
      const [counted] = await countEvents(world.database.reads, 'demo', [{ contractId: contract.id, meter, timeZone, from: '2026-11-01', until: '2026-12-01' }]);
      return [counted!.quantity, counted!.events];
    };

    // the level is 4 until the 2nd at 1 o'clock in Berlin, 10 for ten days, 7 (the last said of its instant) for ten, 1 for the rest of the 30
    const levels = (4n * 25n + 10n * 240n + 7n * 240n + 1n * (720n - 505n)) * 1_000n;
    test.each<[MeterAggregation, Partial<UsageEventInput>[], number, bigint]>([
      [MeterAggregation.SUM, [], 0, 20n],
      [MeterAggregation.SUM, [{}, { value: '9000000000000000' }, { value: '9000000000000000' }, { value: '9000000000000000' }, { value: '9000000000000000' }], 0, 36_000_000_000_000_000n],
      [MeterAggregation.SUM, [{}, { value: '1.005' }], 3, 11_005n],
      [MeterAggregation.COUNT, [], 0, 4n],
      [MeterAggregation.UNIQUE, [{}, { value: 'ann' }, { value: 'bob' }, { value: 'ann' }, { value: 'eve' }], 0, 3n],
      [MeterAggregation.MAX, [], 0, 10n],
      [MeterAggregation.LATEST, [], 0, 1n],
      [MeterAggregation.WEIGHTED, [{}, {}, { value: '7' }], 3, (levels * 2n + 720n) / (2n * 720n)],
    ])('by %s', async (aggregation, change, decimals, quantity) => {
      expect(await count(aggregation, change, decimals)).toEqual([quantity, 4]);
    });
  });

  test('an event of a period that is counted is refused where its meter says so, and still known for a duplicate', async () => {
    const early = usageEvent({ time: '2026-10-05T12:00:00Z' });
    await record(world, early);
    await makeMeter(world, { lateUsage: LateUsage.REFUSE });
    await world.do(billContract, { contractId: (await rowsOf(world, UsageEvent))[0]!.contractId });
    expect(await verdicts(world, usageEvent({ time: '2026-10-06T12:00:00Z' }), early, { ...early, value: '1' }, usageEvent())).toEqual(['USAGE_LATE', 'DUPLICATE', 'USAGE_CONFLICT', 'ACCEPTED']);
    expect(await kept()).toEqual(['2026-10-05 100', '2026-11-05 100']);
  });
});

describe.each(DATABASES)('what recordUsage does not take on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database });
    await usageContract(world, await sampleUsage(world));
  });
  afterAll(() => world.close());

  test.each<[string, string, string, Partial<UsageEventInput>]>([
    ['an unknown meter', 'METER_UNKNOWN', 'type', { type: 'steps' }],
    ['an unknown contract', 'CONTRACT_UNKNOWN', 'subject', { subject: 'C-404' }],
    ['a day before the contract', 'USAGE_NOT_SOLD', 'time', { time: '2025-12-31T00:00:00Z' }],
    ['a time to come', 'USAGE_IN_FUTURE', 'time', { time: '2026-11-24T23:59:59Z' }],
    ['a time without a zone', 'USAGE_TIME_MALFORMED', 'time', { time: '2026-11-05T12:00:00' }],
    ['a day that is none', 'USAGE_TIME_MALFORMED', 'time', { time: '2026-02-30T12:00:00Z' }],
    ['no value', 'USAGE_VALUE_MISSING', 'value', { value: undefined }],
    ['a value that is no number', 'USAGE_VALUE_MALFORMED', 'value', { value: '1e9' }],
    ['a value below zero', 'USAGE_VALUE_MALFORMED', 'value', { value: '-5' }],
    ['a fraction of a call', 'USAGE_TOO_PRECISE', 'value', { value: '1.5' }],
    ['a value beyond 2^53', 'USAGE_TOO_LARGE', 'value', { value: '9007199254740993' }],
    ['an empty source', 'TEXT_INVALID', 'source', { source: '' }],
    ['an id with a line break', 'TEXT_INVALID', 'id', { id: 'a\nb' }],
  ])('%s is refused with %s at %s', async (_what, code, field, change) => {
    const { events } = await record(world, usageEvent(change));
    expect(events).toMatchObject([{ verdict: 'REFUSED', refusal: { code, path: `input.events.0.${field}`, retryable: false } }]);
    expect(await rowsOf(world, UsageEvent)).toEqual([]);
  });
});
