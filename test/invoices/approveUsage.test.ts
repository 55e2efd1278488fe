import { Invoice } from '../../entities/invoices/Invoice';
import { UsagePeriod } from '../../entities/invoices/UsagePeriod';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { approveUsage } from '../../subgraphs/invoices/commands/approveUsage';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { World } from '../harness/world';
import { makeMeter, record, type SampleUsage, sampleUsage, usageContract, usageEvent } from './usageGiven';

describe.each(DATABASES)('approveUsage on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  let contractId: string;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sampleUsage(world);
    await makeMeter(world, { holdAboveUnits: '1000' });
    contractId = (await usageContract(world, given)).id;
    await record(world, usageEvent({ time: '2026-10-05T12:00:00Z', value: '1001' }));
  });
  afterEach(() => world.close());

  const bill = () => world.do(billContract, { contractId });
  const period = async () => (await rowsOf(world, UsagePeriod)).find(({ from }) => from === '2026-10-01')!;
  const approve = async (expectedVersion?: number) => world.do(approveUsage, { usageId: (await period()).id, reason: 'They ran a campaign', expectedVersion });
  const billed = async () => (await rowsOf(world, Invoice)).map(({ netMinor }) => netMinor);

  test('usage above the limit of its meter waits for a person, in the queue of exceptions, and is billed once it is approved', async () => {
    await bill();
    expect(await billed()).toEqual([]);
    expect(await period()).toMatchObject({ state: 'HELD', quantity: '1001', reason: '1001 calls are more than 1000.' });
    expect(await rowsOf(world, ExceptionItem)).toMatchObject([{ kind: 'USAGE_HELD', state: 'OPEN', subjectId: (await period()).id, atRiskMinor: 2_002n, currency: 'EUR' }]);
    await bill(); // nothing happens to it by itself
    expect(await approve(1)).toMatchObject({ state: 'APPROVED', reason: 'They ran a campaign', version: 2 });
    expect(await rowsOf(world, ExceptionItem)).toMatchObject([{ state: 'RESOLVED' }]);
    await bill();
    expect(await billed()).toEqual([2_002n]);
  });

  test('events that come in after the approval have it looked at anew', async () => {
    await bill();
    await approve();
    await record(world, usageEvent({ time: '2026-10-06T12:00:00Z', value: '5000' }));
    expect(await period()).toMatchObject({ state: 'STALE' });
    await bill();
    expect(await period()).toMatchObject({ state: 'HELD', quantity: '6001' });
    expect(await rowsOf(world, ExceptionItem)).toMatchObject([{ state: 'OPEN' }]);
    expect(await billed()).toEqual([]);
  });

  test.each<[string, string, string, () => Promise<{ usageId: string; reason: string; expectedVersion?: number }>]>([
    ['a malformed id', 'ID_MALFORMED', 'input.usageId', async () => ({ usageId: MALFORMED_ID, reason: 'Why' })],
    ['an unknown id', 'NOT_FOUND', 'id', async () => ({ usageId: unknownId('usg'), reason: 'Why' })],
    ['no reason', 'TEXT_INVALID', 'input.reason', async () => ({ usageId: (await period()).id, reason: '' })],
    ['a stale version', 'VERSION_STALE', 'expectedVersion', async () => ({ usageId: (await period()).id, reason: 'Why', expectedVersion: 9 })],
  ])('%s is refused with %s at %s', async (_what, code, path, input) => {
    await bill();
    const asked = await input();
    expect(await refusalOf(world, () => world.do(approveUsage, asked))).toMatchObject({ code, path });
  });

  test('what nobody holds is not approved', async () => {
    await makeMeter(world, {});
    await bill();
    expect(await refusalOf(world, () => approve())).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });
});
