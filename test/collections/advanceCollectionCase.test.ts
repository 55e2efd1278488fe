import { ResourceVersion } from '../../entities/operations/ResourceVersion';
import type { AdvanceCollectionCaseInput } from '../../subgraphs/collections/api';
import { advanceCollectionCase } from '../../subgraphs/collections/commands/advanceCollectionCase';
import { closeCollectionCase } from '../../subgraphs/collections/commands/closeCollectionCase';
import { openCollectionCase } from '../../subgraphs/collections/commands/openCollectionCase';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { debtor, openCase } from './given';

describe.each(DATABASES)('advanceCollectionCase on %s', (database) => {
  let world: World;
  let given: Sample;
  const advance = (caseId: string, expectedVersion?: number) => world.do(advanceCollectionCase, { caseId, ...(expectedVersion && { expectedVersion }) });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test('a case goes one step at a time, to its end and no further', async () => {
    const { id } = await openCase(world, given, await debtor(world, given));
    const states = [await advance(id, 1), await advance(id, 2), await advance(id, 3)].map(({ state, version }) => `${state}@${version}`);
    expect(new Set(states)).toEqual(new Set(['REMINDED@2', 'FINAL_NOTICE@3', 'ESCALATED@4']));
    expect(await refusalOf(world, () => advance(id))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
    const versions = await rowsOf(world, ResourceVersion, { resourceId: id });
    expect(versions.map(({ body }) => body.state)).toEqual(['OPEN', 'REMINDED', 'FINAL_NOTICE', 'ESCALATED']);
  });

  test('of two who take the same step, one is refused: nobody is reminded twice', async () => {
    const { id } = await openCase(world, given, await debtor(world, given));
    const both = await Promise.allSettled([advance(id, 1), advance(id, 1)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('who has nothing overdue any more gets no reminder', async () => {
    world.clock.travelTo('2026-11-24T09:00:00Z');
    const { id } = await openCase(world, given, await debtor(world, given));
    world.clock.travelTo('2026-11-10T09:00:00Z');
    expect(await refusalOf(world, () => advance(id))).toMatchObject({ code: 'NOTHING_OVERDUE', path: 'input.caseId' });
    world.clock.travelTo('2026-11-24T09:00:00Z');
  });

  const theirs = async () => {
    const foreign = await sample(world, 'other');
    await sampleInvoice(world, foreign);
    const owed = { customerId: foreign.customer.id, legalEntityId: foreign.entity.id };
    return { caseId: (await world.do(openCollectionCase, owed, world.actor('finance', 'other'))).id };
  };
  const closed = async () => {
    const { id } = await openCase(world, given, await debtor(world, given));
    return { caseId: (await world.do(closeCollectionCase, { caseId: id, reason: 'Paid by cheque' })).id };
  };

  test.each<[string, string, () => Promise<Partial<AdvanceCollectionCaseInput>>]>([
    ['a stale version', 'VERSION_STALE', async () => ({ expectedVersion: 2 })],
    ['a malformed id', 'ID_MALFORMED', async () => ({ caseId: MALFORMED_ID })],
    ['an unknown id', 'NOT_FOUND', async () => ({ caseId: unknownId('cas') })],
    ["another tenant's case", 'NOT_FOUND', theirs],
    ['a closed case', 'MOVE_NOT_ALLOWED', closed],
  ])('%s is refused with %s', async (_what, code, change) => {
    const { id } = await openCase(world, given, await debtor(world, given));
    const wanted = { caseId: id, ...(await change()) };
    expect(await refusalOf(world, () => world.do(advanceCollectionCase, wanted))).toMatchObject({ code, retryable: false });
  });
});
