import { contextOf } from '../../gateway/context';
import { Contract } from '../../entities/contracts/Contract';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { versionAsOf } from '../../subgraphs/versions';
import { DATABASES } from '../harness/databases';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('a contract as of an instant on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const lines = (quantity: string, price?: string) => [{ productId: given.product.id, quantity, ...(price && { unitPrice: EUR(price) }) }];
  const create = () => world.do(createContract, {
    number: 'ASOF', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', lines: lines('10', '100.00'),
  });

  test('each of many versions is found at the instant of its record, and the one before it a moment earlier', async () => {
    world.clock.travelTo('2026-02-01T00:00:00Z');
    const { id, updatedAtMs } = await create();
    const recorded = [updatedAtMs];
    for (let version = 2; version <= 37; version++) {
      world.clock.travelTo(new Date(recorded.at(-1)! + 60_000).toISOString());
      recorded.push((await world.do(amendContract, { contractId: id, reason: `Number ${version}`, lines: lines(String(version)) })).updatedAtMs);
    }
    const context = contextOf(world.engine, { principal: world.principal(), correlationId: 'test', idempotencyKey: undefined });
    const at = async (atMs: number) => (await versionAsOf(context, Contract, { id, atMs }))?.version ?? null;
    for (const [index, ms] of recorded.entries()) expect([await at(ms - 1), await at(ms), await at(ms + 1)]).toEqual([index || null, index + 1, index + 1]);
    expect(await at(Number.MAX_SAFE_INTEGER)).toBe(37);
  });

  test('a clock that goes back makes no version older than the one before it', async () => {
    world.clock.travelTo('2026-05-01T00:00:00Z');
    const first = await create();
    world.clock.travelTo('2026-04-30T23:59:00Z');
    const second = await world.do(amendContract, { contractId: first.id, reason: 'From a slow clock', lines: lines('12') });
    expect(second.updatedAtMs).toBeGreaterThanOrEqual(first.updatedAtMs);
  });

  test('it answers what was known then of any day, and today what is known now: an amendment that arrives late changes the second, never the first', async () => {
    world.clock.travelTo('2026-06-10T00:00:00Z');
    const { id } = await create();
    world.clock.travelTo('2026-09-01T00:00:00Z');
    await world.do(amendContract, { contractId: id, reason: 'Agreed in June, heard of in September', effectiveDate: '2026-06-15', lines: lines('20') });
    const query = `query($id: ID!, $asOf: DateTimeISO) { contract(id: $id, asOf: $asOf) { version july: linesOn(day: "2026-07-01") { quantity } june: linesOn(day: "2026-06-14") { quantity }
      before: linesOn(day: "2025-12-31") { quantity } amendments { contractVersion reason effectiveDate recordedAt } } }`;
    const known = async (asOf: string | null) => (await world.ask(query, { id, asOf })).data.contract;
    expect(await known('2026-08-01T00:00:00Z')).toMatchObject({ version: 1, july: [{ quantity: '10' }], june: [{ quantity: '10' }], before: [], amendments: [{ contractVersion: 1 }] });
    expect(await known(null)).toMatchObject({ version: 2, july: [{ quantity: '20' }], june: [{ quantity: '10' }], amendments: [{}, { effectiveDate: '2026-06-15', contractVersion: 2 }] });
    expect(await known('2026-06-01T00:00:00Z')).toBeNull();
  });
});
