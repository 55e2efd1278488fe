import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { rejectedInvoice } from './given';

describe.each(DATABASES)('retryPosting on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    await world.settles();
  });
  afterAll(() => world.close());

  const stateOf = async (id: string) => (await rowsOf(world, Posting, { id }))[0]!.state;

  test('a REJECTED posting is PENDING again, its exception is RESOLVED, and the next round brings it into the books', async () => {
    const { posting, item } = await rejectedInvoice(world, given, 'R-1');
    expect(posting).toMatchObject({ state: 'REJECTED', errorCode: 'SANDBOX_REJECTS' });
    expect(await world.do(retryPosting, { postingId: posting.id })).toMatchObject({ id: posting.id, state: 'PENDING' });
    expect((await rowsOf(world, ExceptionItem, { id: item.id }))[0]).toMatchObject({ state: 'RESOLVED', version: 2 });
    expect((await world.told()).slice(-2)).toEqual(['posting.retried', 'exception.resolved']);
    await world.settles();
    expect(await stateOf(posting.id)).toBe('POSTED');
  });

  test('what is rejected a second time opens the same exception again', async () => {
    const { posting, item } = await rejectedInvoice(world, given, 'R-2');
    world.sandbox!.faults.set({ backend: 'erp', fault: 'reject', match: 'invoice' } as never);
    await world.do(retryPosting, { postingId: posting.id });
    await world.settles();
    world.sandbox!.faults.clear();
    expect(await rowsOf(world, ExceptionItem, { subjectId: posting.id })).toMatchObject([{ id: item.id, state: 'OPEN', version: 3 }]);
  });

  test('an UNCERTAIN posting need not wait for its back-off', async () => {
    world.sandbox!.faults.set({ backend: 'erp', fault: 'errorAfterCommit', count: 1 } as never);
    const invoice = await sampleInvoice(world, given, 'R-3');
    await world.settles();
    const [posting] = await rowsOf(world, Posting, { resourceId: invoice.id, backend: 'erp' });
    expect(posting!.state).toBe('UNCERTAIN');
    await world.do(retryPosting, { postingId: posting!.id });
    await world.settles();
    expect(await stateOf(posting!.id)).toBe('POSTED');
  });

  test('what is POSTED stays posted', async () => {
    const invoice = await sampleInvoice(world, given, 'R-4');
    await world.settles();
    const [posting] = await rowsOf(world, Posting, { resourceId: invoice.id, backend: 'erp' });
    expect(await refusalOf(world, () => world.do(retryPosting, { postingId: posting!.id }))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });

  test('a malformed, an unknown and another tenant\'s posting are refused', async () => {
    const { posting } = await rejectedInvoice(world, given, 'R-5');
    const retry = (postingId: string, tenant = 'demo') => refusalOf(world, () => world.do(retryPosting, { postingId }, world.actor('ops', tenant)));
    expect(await retry(MALFORMED_ID)).toMatchObject({ code: 'ID_MALFORMED', path: 'input.postingId' });
    expect(await retry(unknownId('pst'))).toMatchObject({ code: 'NOT_FOUND', path: 'input.postingId' });
    expect(await retry(posting.id, 'other')).toMatchObject({ code: 'NOT_FOUND' });
    const query = 'mutation($input: RetryPostingInput!) { retryPosting(input: $input) { ... on Refused { code path retryable } } }';
    const { data } = await world.ask(query, { input: { postingId: MALFORMED_ID } }, { role: 'ops' });
    expect(data.retryPosting).toEqual({ code: 'ID_MALFORMED', path: 'input.postingId', retryable: false });
  });
});
