import type { Answer } from '../../connectors/connector';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Lane } from '../../entities/operations/Lane';
import { Posting } from '../../entities/operations/Posting';
import { PostingAnswer } from '../../entities/operations/PostingAnswer';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { settlePostings } from '../../subgraphs/operations/commands/settlePostings';
import { claimLanes } from '../../sync/claims';
import { Outcome, type Settlement } from '../../sync/settlement';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { World } from '../harness/world';

/** Customers' documents belong to no legal entity. */
const CHANNEL = { name: 'erp/demo/-', tenantId: 'demo', dueMs: 0 };

describe.each(DATABASES)('settlePostings on %s', (database) => {
  let world: World;
  beforeEach(async () => {
    world = await World.open({ database });
  });
  afterEach(() => world.close());

  const write = (name: string) => world.do(upsertCustomer, { system: 'crm', key: 'K', name, currency: 'EUR' });
  const claim = async (owner: string): Promise<Settlement> => {
    const { lanes: [lane] } = await world.database.transaction((sql) => claimLanes(sql, { owner, nowMs: world.clock.nowMs(), leaseMs: 1_000, probeMs: 2_000, wanted: [{ channel: CHANNEL, lanes: 1 }] }));
    return { lane: lane!, owner, outcomes: [], retryInMs: null, rest: 'WAITING' };
  };
  const erp = async (id: string) => (await rowsOf(world, Posting, { resourceId: id, backend: 'erp' })).sort((a, b) => a.sequence - b.sequence);
  const settle = (...settlements: Settlement[]) => world.do(settlePostings, { settlements }, world.actor('ops'));
  const saying = (settlement: Settlement, posting: Posting, answer: Answer): Settlement => ({ ...settlement, outcomes: [new Outcome(posting, answer)] });
  const POSTED = { outcome: 'POSTED', reference: 'ERP-1' } as const;
  const answers = async (postingId: string) => (await rowsOf(world, PostingAnswer, { postingId })).map(({ outcome, code, reference, late }) => `${late ? 'late ' : ''}${outcome} ${code ?? reference}`);

  test('outcomes are written and the lane is given back', async () => {
    const { id } = await write('One');
    const settlement = await claim('runner-1');
    const [posting] = await erp(id);
    expect(await settle(saying(settlement, posting!, POSTED))).toEqual({ lost: [] });
    expect((await erp(id))[0]).toMatchObject({ state: 'POSTED', backendReference: 'ERP-1', attempts: 1 });
    expect((await rowsOf(world, Lane, { id: settlement.lane.id }))[0]).toMatchObject({ owner: null, failures: 0 });
    expect((await world.told()).at(-1)).toBe('posting.posted');
  });

  test.each([
    ['another owner', (settlement: Settlement): Settlement => ({ ...settlement, owner: 'runner-2' })],
    ['an earlier fence', (settlement: Settlement): Settlement => ({ ...settlement, lane: { ...settlement.lane, fence: settlement.lane.fence - 1 } })],
    ['a lane that is not there', (settlement: Settlement): Settlement => ({ ...settlement, lane: { ...settlement.lane, id: 'nobody/erp/-' } })],
  ])('a settlement of %s is named as lost, and what it says of a refusal is kept as evidence only', async (_what, change) => {
    const { id } = await write('One');
    const [posting] = await erp(id);
    const settlement = change(saying(await claim('runner-1'), posting!, { outcome: 'REJECTED', code: 'LATE', message: 'late' }));
    expect(await settle(settlement)).toEqual({ lost: [settlement.lane.id] });
    expect(await erp(id)).toEqual([posting]);
    expect(await answers(posting!.id)).toEqual(['late REJECTED LATE']);
  });

  test('of several lanes one that was lost takes none of the others with it', async () => {
    const { id } = await write('One');
    const [posting] = await erp(id);
    const settlement = saying(await claim('runner-1'), posting!, POSTED);
    const lost = { ...settlement, lane: { ...settlement.lane, id: 'other/erp/-' }, outcomes: [] };
    expect(await settle(lost, settlement)).toEqual({ lost: ['other/erp/-'] });
    expect((await erp(id))[0]).toMatchObject({ state: 'POSTED' });
  });

  describe('a zombie whose lease ran out', () => {
    const takenOver = async () => {
      const { id } = await write('One');
      const zombie = await claim('zombie');
      world.clock.travelTo('2026-11-24T09:05:00Z');
      const next = await claim('next');
      expect(next.lane).toMatchObject({ fence: zombie.lane.fence + 1, takenOver: true });
      return { id, zombie, next, posting: (await erp(id))[0]! };
    };

    test('that says POSTED late makes what the next runner calls rejected UNCERTAIN, so that it is looked up', async () => {
      const { id, zombie, next, posting } = await takenOver();
      await settle(saying(next, posting, { outcome: 'REJECTED', code: 'EXISTS', message: 'is there already' }));
      expect((await erp(id))[0]!.state).toBe('REJECTED');
      expect(await settle(saying(zombie, posting, POSTED))).toEqual({ lost: [zombie.lane.id] });
      expect((await erp(id))[0]).toMatchObject({ state: 'UNCERTAIN', backendReference: null });
      expect(await answers(posting.id)).toEqual(['REJECTED EXISTS', 'late POSTED ERP-1']);
      await settle(saying(await claim('next'), posting, POSTED));
      expect((await erp(id))[0]!.state).toBe('POSTED');
      expect((await world.told()).slice(-2)).toEqual(['posting.posted', 'exception.resolved'].reverse());
    });

    test('that says POSTED under another reference than the next runner is an exception: the document is there twice', async () => {
      const { zombie, next, posting } = await takenOver();
      await settle(saying(next, posting, { outcome: 'POSTED', reference: 'ERP-2' }));
      await settle(saying(zombie, posting, POSTED));
      expect(await rowsOf(world, ExceptionItem, {})).toMatchObject([{ kind: 'DOUBLE_POSTING', state: 'OPEN', subjectId: posting.id }]);
    });

    test('that says POSTED under the same reference says nothing new', async () => {
      const { id, zombie, next, posting } = await takenOver();
      await settle(saying(next, posting, POSTED));
      await settle(saying(zombie, posting, POSTED));
      expect((await erp(id))[0]!.state).toBe('POSTED');
      expect(await rowsOf(world, ExceptionItem, {})).toEqual([]);
    });
  });

  test('what may have been sent becomes UNCERTAIN, what surely was not stays PENDING, and both back off', async () => {
    const { id } = await write('One');
    const first = await claim('runner-1');
    const [posting] = await erp(id);
    const doubt = (sent: boolean): Answer => ({ outcome: 'UNCERTAIN', sent, code: 'X', message: 'no answer' });
    await settle({ ...saying(first, posting!, doubt(false)), retryInMs: 5_000 });
    expect((await erp(id))[0]!.state).toBe('PENDING');
    expect((await rowsOf(world, Lane, { id: first.lane.id }))[0]).toMatchObject({ failures: 1, owner: null });
    world.clock.travelTo('2026-11-24T09:10:00Z');
    const second = await claim('runner-1');
    await settle({ ...saying(second, posting!, doubt(true)), retryInMs: 5_000 });
    expect((await erp(id))[0]!.state).toBe('UNCERTAIN');
    expect((await rowsOf(world, Lane, { id: first.lane.id }))[0]).toMatchObject({ failures: 2 });
  });

  test('a later version in the books makes earlier ones SUPERSEDED and closes their exception', async () => {
    const { id } = await write('One');
    const [one] = await erp(id);
    await settle(saying(await claim('runner-1'), one!, { outcome: 'REJECTED', code: 'BAD_NAME', message: 'no' }));
    await write('Two');
    await settle(saying(await claim('runner-1'), (await erp(id))[1]!, POSTED));
    expect((await erp(id)).map((posting) => posting.state)).toEqual(['SUPERSEDED', 'POSTED']);
    expect((await world.told()).slice(-2)).toEqual(['posting.superseded', 'exception.resolved']);
  });

  test('also one that was sent again and refused again in the same settlement', async () => {
    const { id } = await write('One');
    const refusal = { outcome: 'REJECTED', code: 'BAD_NAME', message: 'no' } as const;
    const [one] = await erp(id);
    await settle(saying(await claim('runner-1'), one!, refusal));
    await world.do(retryPosting, { postingId: one!.id });
    await write('Two');
    const [again, two] = await erp(id);
    await settle({ ...(await claim('runner-1')), outcomes: [new Outcome(again!, refusal), new Outcome(two!, POSTED)] });
    expect((await erp(id)).map((posting) => posting.state)).toEqual(['SUPERSEDED', 'POSTED']);
    expect((await rowsOf(world, ExceptionItem, { subjectId: one!.id })).map(({ state }) => state)).toEqual(['RESOLVED']);
  });
});
