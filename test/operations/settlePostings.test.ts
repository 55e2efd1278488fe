import { Lane } from '../../entities/operations/Lane';
import { Posting } from '../../entities/operations/Posting';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { settlePostings } from '../../subgraphs/operations/commands/settlePostings';
import { claimLanes } from '../../sync/claims';
import type { Settlement } from '../../sync/runner';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('settlePostings on %s', (database) => {
  let world: World;
  beforeEach(async () => {
    world = await World.open({ database });
  });
  afterEach(() => world.close());

  const write = (name: string) => world.do(upsertCustomer, { system: 'crm', key: 'K', name, currency: 'EUR' });
  const claim = async (owner: string): Promise<Settlement> => {
    const nowMs = world.clock.nowMs();
    const [lane] = await world.database.transaction((sql) => claimLanes(sql, { backend: 'erp', owner, lanes: 1, nowMs, leaseMs: 1_000 }));
    return { tenantId: 'demo', lane: lane!.id, owner, fence: lane!.fence, outcomes: [], retryInMs: null };
  };
  const erp = async (id: string) => (await rowsOf(world, Posting, { resourceId: id, backend: 'erp' })).sort((a, b) => a.sequence - b.sequence);

  test('outcomes are written and the lane is given back', async () => {
    const { id } = await write('One');
    const settlement = await claim('runner-1');
    const [posting] = await erp(id);
    settlement.outcomes.push({ postingId: posting!.id, answer: { outcome: 'POSTED', reference: 'ERP-1' } });
    await world.do(settlePostings, settlement, world.actor('ops'));
    expect((await erp(id))[0]).toMatchObject({ state: 'POSTED', backendReference: 'ERP-1', attempts: 1 });
    expect((await rowsOf(world, Lane, { id: settlement.lane }))[0]).toMatchObject({ owner: null, failures: 0 });
    expect((await world.told()).at(-1)).toBe('posting.posted');
  });

  test.each([
    ['another owner', (settlement: Settlement) => ({ ...settlement, owner: 'runner-2' })],
    ['an earlier fence', (settlement: Settlement) => ({ ...settlement, fence: settlement.fence - 1 })],
    ['a lane that is not there', (settlement: Settlement) => ({ ...settlement, lane: 'nobody/erp' })],
  ])('a settlement of %s is refused with LEASE_LOST, and nothing of it is written', async (_what, change) => {
    await write('One');
    const settlement = change(await claim('runner-1'));
    expect(await refusalOf(world, () => world.do(settlePostings, settlement, world.actor('ops')))).toMatchObject({ code: 'LEASE_LOST' });
  });

  test('a zombie whose lease ran out is refused once another has claimed the lane, which looks up first', async () => {
    const { id } = await write('One');
    const zombie = await claim('zombie');
    world.clock.travelTo('2026-11-24T09:05:00Z');
    const nowMs = world.clock.nowMs();
    const [lane] = await world.database.transaction((sql) => claimLanes(sql, { backend: 'erp', owner: 'next', lanes: 1, nowMs, leaseMs: 1_000 }));
    expect(lane).toMatchObject({ fence: zombie.fence + 1, takenOver: true });
    zombie.outcomes.push({ postingId: (await erp(id))[0]!.id, answer: { outcome: 'REJECTED', code: 'LATE', message: 'late' } });
    expect(await refusalOf(world, () => world.do(settlePostings, zombie, world.actor('ops')))).toMatchObject({ code: 'LEASE_LOST' });
  });

  test('what may have been sent becomes UNCERTAIN, what surely was not stays PENDING, and both back off', async () => {
    const { id } = await write('One');
    const first = await claim('runner-1');
    const [posting] = await erp(id);
    const doubt = (sent: boolean) => ({ postingId: posting!.id, answer: { outcome: 'UNCERTAIN' as const, sent, code: 'X', message: 'no answer' } });
    await world.do(settlePostings, { ...first, outcomes: [doubt(false)], retryInMs: 5_000 }, world.actor('ops'));
    expect((await erp(id))[0]!.state).toBe('PENDING');
    expect((await rowsOf(world, Lane, { id: first.lane }))[0]).toMatchObject({ failures: 1, owner: null });
    world.clock.travelTo('2026-11-24T09:10:00Z');
    const second = await claim('runner-1');
    await world.do(settlePostings, { ...second, outcomes: [doubt(true)], retryInMs: 5_000 }, world.actor('ops'));
    expect((await erp(id))[0]!.state).toBe('UNCERTAIN');
    expect((await rowsOf(world, Lane, { id: first.lane }))[0]).toMatchObject({ failures: 2 });
  });

  test('a later version in the books makes earlier ones SUPERSEDED and closes their exception', async () => {
    const { id } = await write('One');
    const first = await claim('runner-1');
    const [one] = await erp(id);
    await world.do(settlePostings, { ...first, outcomes: [{ postingId: one!.id, answer: { outcome: 'REJECTED', code: 'BAD_NAME', message: 'no' } }] }, world.actor('ops'));
    await write('Two');
    const second = await claim('runner-1');
    const two = (await erp(id))[1]!;
    await world.do(settlePostings, { ...second, outcomes: [{ postingId: two.id, answer: { outcome: 'POSTED', reference: 'R' } }] }, world.actor('ops'));
    expect((await erp(id)).map((posting) => posting.state)).toEqual(['SUPERSEDED', 'POSTED']);
    expect((await world.told()).slice(-2)).toEqual(['posting.posted', 'exception.resolved']);
  });
});
