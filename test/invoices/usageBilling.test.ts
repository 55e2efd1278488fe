import { UsageEvent } from '../../entities/invoices/UsageEvent';
import { UsagePeriod } from '../../entities/invoices/UsagePeriod';
import { Invoice } from '../../entities/invoices/Invoice';
import { BilledItem } from '../../entities/invoices/BilledItem';
import { RatingModel } from '../../entities/terms/rating';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { transferContract } from '../../subgraphs/contracts/commands/transferContract';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { anotherEntity } from '../harness/sample';
import { World } from '../harness/world';
import { makeMeter, perCall, record, type SampleUsage, sampleUsage, usageContract, usageEvent } from './usageGiven';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('usage is billed on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sampleUsage(world);
  });
  afterEach(() => world.close());

  const bill = (contractId: string) => world.do(billContract, { contractId });
  const net = async () => (await rowsOf(world, BilledItem)).reduce((all, { amountMinor }) => all + amountMinor, 0n);
  const october = (value: string, day = '05') => usageEvent({ time: `2026-10-${day}T12:00:00Z`, value });

  test('usage and revenue of many contracts take as many statements as those of one', async () => {
    const statements = async () => {
      const before = world.database.reads.statements;
      const { data } = await world.ask('{ contracts(first: 50) { nodes { usage { quantity } revenue { months { month } } } } }');
      expect(data.contracts.nodes.length).toBeGreaterThan(0);
      return world.database.reads.statements - before;
    };
    await makeMeter(world);
    await usageContract(world, given);
    const few = await statements();
    for (let n = 0; n < 4; n++) await usageContract(world, given, { number: `MANY-${n}` });
    expect(await statements()).toBe(few);
  });

  test('a month is on the invoice of the first run after it, beside what is charged ahead, with its units in words', async () => {
    const seat = { productId: given.product.id, lineKey: 'SEATS', quantity: '2', unitPrice: EUR('30.00') };
    const contract = await usageContract(world, given, { lines: [{ productId: given.product.id, quantity: '1', usage: perCall(given.meter) }, seat] });
    await record(world, october('1000'), october('250', '31'), usageEvent({ time: '2026-11-01T12:00:00Z' }));
    expect(await bill(contract.id)).toMatchObject({ nextBillOn: '2026-12-01' });
    const [invoice] = await rowsOf(world, Invoice);
    expect(invoice!.lineItems.map(({ description, netMinor }) => `${description}: ${netMinor}`)).toEqual([
      'Seat, 1250 used, 2026-10-01 to 2026-10-31: 2500', 'Seat, 2026-10-01 to 2026-10-31: 6000', 'Seat, 2026-11-01 to 2026-11-30: 6000',
    ]);
    expect(await rowsOf(world, UsagePeriod)).toMatchObject([{ from: '2026-10-01', until: '2026-11-01', state: 'COUNTED', quantity: '1250', eventCount: 2 }]);
    expect(await bill(contract.id)).toMatchObject({ invoiceIds: [], creditMemoIds: [] });
    await world.settles();
    expect(await world.audit('/audit/erp/demo/books')).toBeDefined();
  });

  test('a month waits for the days of grace of its meter', async () => {
    const meter = await makeMeter(world, { key: 'late', graceDays: 25 });
    const contract = await usageContract(world, given, { usage: perCall(meter) });
    await record(world, { ...october('100'), type: 'late' });
    expect(await bill(contract.id)).toMatchObject({ invoiceIds: [], nextBillOn: '2026-11-26' });
    world.clock.travelTo('2026-11-26T09:00:00Z');
    expect((await bill(contract.id)).invoiceIds).toHaveLength(1);
  });

  test('what comes in late is billed by the next run, and what came to less is credited', async () => {
    const contract = await usageContract(world, given, { usage: perCall(given.meter, { model: RatingModel.VOLUME, tiers: [{ upTo: '1000', unitPrice: '0.02' }, { unitPrice: '0.01' }] }) });
    await record(world, october('1000'));
    await bill(contract.id);
    expect(await net()).toBe(2_000n);
    await record(world, october('200'));
    expect(await bill(contract.id)).toMatchObject({ invoiceIds: [], creditMemoIds: [expect.any(String)] }); // 1200 at 0.01 are cheaper than 1000 at 0.02
    expect(await net()).toBe(1_200n);
    expect(await rowsOf(world, UsagePeriod)).toMatchObject([{ version: 3, quantity: '1200', eventCount: 2 }]);
  });

  test('another price from the middle of a billed month on counts the month anew in two parts', async () => {
    const contract = await usageContract(world, given);
    await record(world, october('100', '05'), october('100', '20'));
    await bill(contract.id);
    await world.do(amendContract, { contractId: contract.id, reason: 'Dearer', effectiveDate: '2026-10-16', lines: [{ productId: given.product.id, quantity: '1', usage: perCall(given.meter, { tiers: [{ unitPrice: '0.03' }] }) }] });
    await bill(contract.id);
    expect(await net()).toBe(200n + 300n);
  });

  test('after a transfer each legal entity bills the usage of its days', async () => {
    const other = await anotherEntity(world);
    const contract = await usageContract(world, given);
    await record(world, october('100', '05'), october('50', '20'));
    await world.do(transferContract, { contractId: contract.id, legalEntityId: other.id, effectiveDate: '2026-10-16', reason: 'Moved' });
    await bill(contract.id);
    expect((await rowsOf(world, Invoice)).map(({ legalEntityId, netMinor }) => [legalEntityId === other.id, netMinor]).sort()).toEqual([[false, 200n], [true, 100n]]);
  });

  test('a month unlike the three before it is held', async () => {
    const meter = await makeMeter(world, { key: 'spiky', holdAbovePercent: 200 });
    const contract = await usageContract(world, given, { number: 'U-1', billingFrom: '2026-07-01', usage: perCall(meter) });
    for (const [month, value] of [['07', '90'], ['08', '110'], ['09', '100'], ['10', '210']] as const) await record(world, usageEvent({ type: 'spiky', time: `2026-${month}-05T12:00:00Z`, value }));
    await bill(contract.id);
    expect((await rowsOf(world, UsagePeriod)).sort((a, b) => (a.from < b.from ? -1 : 1)).map(({ from, state, reason }) => [from, state, reason])).toEqual([
      ['2026-07-01', 'COUNTED', null], ['2026-08-01', 'COUNTED', null], ['2026-09-01', 'COUNTED', null],
      ['2026-10-01', 'HELD', '210 calls are more than 200 % of what was used before, 202 for as many days.'],
    ]);
    expect(await net()).toBe(600n);
  });

  test('events that come in while a run bills are all billed, by it or by the next', async () => {
    const contract = await usageContract(world, given);
    const batches = Array.from({ length: 30 }, (_, index) => Array.from({ length: 5 }, () => october('1', String(1 + (index % 28)).padStart(2, '0'))));
    const all = batches.map((batch) => record(world, ...batch));
    const runs = Array.from({ length: 6 }, () => bill(contract.id));
    await Promise.all([...all, ...runs]);
    await bill(contract.id);
    expect(await rowsOf(world, UsageEvent)).toHaveLength(150);
    expect(await net()).toBe(300n);
  });

  test('the API tells the usage so far, what it costs and why, and leads from an invoice line to the events', async () => {
    const usage = perCall(given.meter, { model: RatingModel.GRADUATED, includedUnits: '100', minimum: EUR('50.00'), tiers: [{ upTo: '500', unitPrice: '0.02', flat: EUR('1.00') }, { unitPrice: '0.015' }] });
    const contract = await usageContract(world, given, { usage });
    await record(world, october('700'), usageEvent({ time: '2026-11-10T00:00:00Z', value: '80' }));
    await bill(contract.id);
    const query = `query($id: ID!) { contract(id: $id) {
      lines { charge meterId steps { usagePlan } }
      usage(first: 2) { lineKey from until counted { state } quantity eventCount included charged { tier quantity amount { amount } } shortfall { amount } amount { amount } }
      invoices { lines { usage { id quantity events(first: 1) { nodes { source eventId at } pageInfo { hasNextPage } } } } } } }`;
    const { data } = await world.ask(query, { id: contract.id });
    expect((await world.ask('query($id: ID!) { contract(id: $id) { usage(first: 0) { lineKey } } }', { id: contract.id })).errors).toMatchObject([{ message: 'first is 1 to 100.' }]);
    expect(data.contract.lines).toEqual([{ charge: 'USAGE', meterId: given.meter.id, steps: [{ usagePlan: 'charged in graduated tiers (minor units: 2 and 100 flat up to 500; 1.5), 100 included, at least 5000' }] }]);
    expect(data.contract.usage).toEqual([
      { lineKey: 'SEAT', from: '2026-11-01', until: '2026-12-01', counted: null, quantity: '80', eventCount: 1, included: '80', charged: [], shortfall: { amount: '50.00' }, amount: { amount: '50.00' } },
      {
        lineKey: 'SEAT', from: '2026-10-01', until: '2026-11-01', counted: { state: 'COUNTED' }, quantity: '700', eventCount: 1, included: '100', shortfall: { amount: '37.50' }, amount: { amount: '50.00' },
        charged: [{ tier: 1, quantity: '500', amount: { amount: '11.00' } }, { tier: 2, quantity: '100', amount: { amount: '1.50' } }],
      },
    ]);
    expect(data.contract.invoices[0].lines[0].usage).toMatchObject([{ quantity: '700', events: { nodes: [{ source: 'app', at: '2026-10-05T12:00:00.000Z' }], pageInfo: { hasNextPage: false } } }]);
  });
});
