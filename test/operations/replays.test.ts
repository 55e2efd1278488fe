import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { DATABASES } from '../harness/databases';
import { everything, rowsOf } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { rejectedInvoice } from './given';

describe.each(DATABASES)('an idempotency key on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeAll(async () => {
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
  });
  afterAll(() => world.close());

  test('retries a posting once, and answers the posting as it was then, also when it is posted', async () => {
    const { posting } = await rejectedInvoice(world, given, 'R-1');
    const retry = `mutation($input: RetryPostingInput!) { retryPosting(input: $input) {
      __typename ... on Posting { id state backend createdAt postedAt resource { id } } ... on Refused { code } } }`;
    const input = { postingId: posting.id, idempotencyKey: 'retry-once' };
    const first = await world.ask(retry, { input }, { role: 'ops' });
    expect(first.data.retryPosting).toMatchObject({ __typename: 'Posting', id: posting.id, state: 'PENDING', backend: 'erp', postedAt: null });
    await world.settles();
    const before = await everything(world);
    const again = await world.ask(retry, { input }, { role: 'ops' });
    expect(again).toMatchObject({ data: first.data, context: { replayed: true } });
    expect(await everything(world)).toEqual(before);
    expect((await rowsOf(world, Posting, { id: posting.id }))[0]!.state).toBe('POSTED');
  });

  test.each([
    ['assignException', { owner: 'Ada' }, { state: 'OPEN', owner: 'Ada', version: 2 }],
    ['resolveException', { resolution: 'Agreed' }, { state: 'RESOLVED', owner: null, version: 2 }],
  ])('lets %s happen once', async (name, what, becomes) => {
    const { item } = await rejectedInvoice(world, given, name);
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const mutation = `mutation($input: ${type}!) { ${name}(input: $input) { ... on ExceptionItem { state owner version } ... on Refused { code } } }`;
    const input = { exceptionId: item.id, idempotencyKey: 'once', ...what };
    for (let time = 1; time <= 2; time++) expect((await world.ask(mutation, { input }, { role: 'ops' })).data[name]).toEqual(becomes);
    expect((await rowsOf(world, ExceptionItem, { id: item.id }))[0]!.version).toBe(2);
    const other = await world.ask(mutation, { input: { ...input, [Object.keys(what)[0]!]: 'Other' } }, { role: 'ops' });
    expect(other.data[name]).toEqual({ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH' });
  });
});
