import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import { AuditEntry } from '../../entities/operations/AuditEntry';
import { Change } from '../../entities/operations/Change';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import type { ReplayPostingsInput } from '../../subgraphs/operations/api';
import { replayPostings } from '../../subgraphs/operations/commands/replayPostings';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import type { Replay } from '../../subgraphs/operations/queries/replayable';
import { BACKENDS } from '../../sync/documents';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample, sampleContract, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { FakeBackend, NO, queue } from './fakeBackend';

const input = (more: Partial<ReplayPostingsInput> = {}): ReplayPostingsInput => ({ backend: 'erp', reason: 'restored from a backup', dryRun: true, ...more });

describe.each(DATABASES)('replayPostings on %s', (database) => {
  let world: World;
  let given: Sample;
  let backends: Record<(typeof BACKENDS)[number], FakeBackend>;
  beforeEach(async () => {
    backends = { billing: new FakeBackend(), erp: new FakeBackend(), crm: new FakeBackend(), saas: new FakeBackend() };
    world = await World.open({ database, connectors: backends, tenants: ['demo', 'other'] });
    given = await sample(world);
    await world.settles();
  });
  afterEach(() => world.close());

  const replay = (more: Partial<ReplayPostingsInput> = {}): Promise<Replay> => world.do(replayPostings, input(more), world.actor('ops'));
  const erp = () => rowsOf(world, Posting, { backend: 'erp' });
  const forgetCalls = () => BACKENDS.forEach((backend) => backends[backend].calls.splice(0));
  const changesOf = async (type: string) => {
    await world.told();
    return (await rowsOf(world, Change, { type })).sort((a, b) => a.position! - b.position!);
  };

  test('a dry run counts kinds and money, and changes nothing but the audit', async () => {
    await sampleInvoice(world, given, 'R-1', '100.00');
    await sampleInvoice(world, given, 'R-2', '10.50');
    await world.settles();
    const before = await erp();
    expect(await replay()).toMatchObject({
      id: null, dryRun: true, backend: 'erp', postings: 3, skipped: [],
      kinds: [{ kind: 'customer', postings: 1 }, { kind: 'invoice', postings: 2 }],
      money: [{ amountMinor: '13260', currency: 'EUR', amount: '132.60' }],
    });
    expect(await erp()).toEqual(before);
    expect(await rowsOf(world, AuditEntry, { command: 'replayPostings' })).toMatchObject([{ client: 'demo-ops', role: 'ops' }]);
    expect(await changesOf('replay.started')).toEqual([]);
  });

  test('what is there is confirmed, what is absent is posted once, in order, and no other backend hears of it', async () => {
    const kept = await sampleInvoice(world, given, 'R-1');
    await world.settles();
    const lost = await sampleInvoice(world, given, 'R-2');
    await world.settles();
    backends.erp.booked.delete(`demo/invoice/${lost.id}@1`);
    forgetCalls();
    const { id, postings } = await replay({ dryRun: false });
    expect([id, postings]).toEqual([expect.stringMatching(/^rpl_[0-9a-f]{32}$/), 3]);
    expect((await erp()).map(({ state, replayId }) => [state, replayId])).toEqual(Array(3).fill(['UNCERTAIN', id]));
    await world.settles();
    expect(backends.erp.calls).toEqual([`find ${given.customer.id}`, `find ${kept.id}`, `find ${lost.id}`, `post ${lost.id}`]);
    expect([backends.billing.calls, backends.crm.calls, backends.saas.calls]).toEqual([[], [], []]);
    expect([...backends.erp.booked.values()]).toEqual([1, 1, 1]);
    expect((await erp()).map(({ state }) => state)).toEqual(['POSTED', 'POSTED', 'POSTED']);
  });

  test('the replay is told once with its reason, each posting with what became of it, and nobody reacts again', async () => {
    const contract = await sampleContract(world, given);
    await world.settles();
    const granted = await rowsOf(world, CustomerSubscription);
    expect(granted).toMatchObject([{ soldUnits: 10n, grantedUnits: 10n }]);
    const before = (await world.told()).length;
    backends.saas.script = ({ externalId }) => ({ outcome: 'POSTED', reference: `new-${externalId}` });
    backends.saas.booked.clear();
    const { id } = await replay({ backend: 'saas', dryRun: false });
    await world.settles();
    expect((await world.told()).slice(before)).toEqual(['replay.started', 'posting.reposted']);
    const [started] = await changesOf('replay.started');
    expect(started).toMatchObject({ resourceType: 'Replay', resourceId: id, data: { backend: 'saas', reason: 'restored from a backup', postings: 1, kinds: [{ kind: 'entitlement', postings: 1 }], money: [] } });
    expect((await changesOf('posting.reposted'))[0]).toMatchObject({
      data: { replayId: id, found: false, resourceId: contract.id, backendReference: `new-${contract.id}`, referenceBefore: `books-of-${contract.id}` },
    });
    expect(await rowsOf(world, CustomerSubscription)).toEqual(granted);
  });

  test('of things that replace each other only the latest posted version is asked for', async () => {
    const rename = (name: string) => world.do(upsertCustomer, { system: 'crm', key: 'ACME', name, currency: 'EUR' });
    const fromMs = world.clock.nowMs();
    await rename('Acme Group');
    await world.settles();
    await rename('Acme Holding');
    await world.settles();
    expect(await replay({ postedFrom: new Date(fromMs) })).toMatchObject({ postings: 1, skipped: [{ reason: 'OLDER_VERSION', postings: 1 }] });
    const early = await replay({ postedTo: new Date(fromMs) });
    expect(early).toMatchObject({ postings: 0, kinds: [], skipped: [{ reason: 'OLDER_VERSION', postings: 1 }] });
    forgetCalls();
    backends.erp.booked.clear();
    await replay({ dryRun: false });
    await world.settles();
    expect([...backends.erp.booked.keys()]).toEqual([`demo/customer/${given.customer.id}@3`]);
  });

  test('a range is of times, legal entity, kinds and customer together', async () => {
    const bolt = await anotherCustomer(world);
    const fr = await anotherEntity(world);
    await sampleInvoice(world, given, 'R-1');
    await sampleInvoice(world, { ...given, customer: bolt }, 'R-2');
    await sampleInvoice(world, { ...given, entity: fr }, 'R-3');
    await world.settles();
    const nowMs = world.clock.nowMs();
    const many = async (more: Partial<ReplayPostingsInput>) => (await replay(more)).postings;
    expect(await many({})).toBe(5);
    expect(await many({ legalEntityCode: 'FR01' })).toBe(1);
    expect(await many({ customerId: given.customer.id })).toBe(3);
    expect(await many({ kinds: ['invoice'] })).toBe(3);
    expect(await many({ kinds: ['invoice'], customerId: given.customer.id, legalEntityCode: 'DE01' })).toBe(1);
    expect(await many({ createdFrom: new Date(nowMs + 1) })).toBe(0);
    expect(await many({ createdTo: new Date(nowMs + 1), postedFrom: new Date(0), postedTo: new Date(nowMs + 1) })).toBe(5);
  });

  test('replaying again while one runs does nothing twice, and what is not posted yet is left alone', async () => {
    await sampleInvoice(world, given, 'R-1');
    await world.settles();
    await sampleInvoice(world, given, 'R-2');
    const [one, two] = await Promise.all([replay({ dryRun: false }), replay({ dryRun: false })]);
    expect([one.postings, two.postings].sort()).toEqual([0, 2]);
    expect(await replay({ dryRun: false })).toMatchObject({
      postings: 0, skipped: expect.arrayContaining([{ reason: 'UNDER_WAY', postings: 2 }, { reason: 'NOT_POSTED', postings: 1 }]),
    });
    await world.settles();
    expect(await changesOf('replay.started')).toHaveLength(1);
    expect(await changesOf('posting.reposted')).toHaveLength(2);
    expect(await changesOf('posting.posted')).toHaveLength((await rowsOf(world, Posting)).length);
    expect(new Set(backends.erp.booked.values())).toEqual(new Set([1]));
  });

  test('a refusal is an exception as always, and its retry is still part of the replay', async () => {
    const invoice = await sampleInvoice(world, given, 'R-1');
    await world.settles();
    backends.erp.booked.clear();
    backends.erp.script = ({ kind }) => (kind === 'invoice' ? NO : undefined);
    await replay({ dryRun: false });
    await world.settles();
    const [posting] = await rowsOf(world, Posting, { backend: 'erp', resourceId: invoice.id });
    expect(posting).toMatchObject({ state: 'REJECTED', errorCode: 'NO' });
    expect(await rowsOf(world, ExceptionItem, { subjectId: posting!.id })).toMatchObject([{ state: 'OPEN', kind: 'POSTING_REJECTED' }]);
    backends.erp.script = () => undefined;
    await world.do(retryPosting, { postingId: posting!.id });
    await world.settles();
    expect((await changesOf('posting.reposted')).at(-1)).toMatchObject({ resourceId: posting!.id, data: { found: false } });
    expect(await rowsOf(world, ExceptionItem, { subjectId: posting!.id })).toMatchObject([{ state: 'RESOLVED' }]);
  });

  test('what waits for a replayed document waits until it is confirmed again', async () => {
    await sampleInvoice(world, given, 'R-1');
    await world.settles();
    await replay({ dryRun: false, kinds: ['customer'] });
    const later = await sampleInvoice(world, given, 'R-2');
    forgetCalls();
    await world.settles();
    expect(backends.erp.calls).toEqual([`find ${given.customer.id}`, `post ${later.id}`]);
  });

  test('one tenant never replays another\'s, and the same key answers the same replay', async () => {
    await sampleInvoice(world, given, 'R-1');
    await world.settles();
    expect(await world.do(replayPostings, input({ dryRun: false }), world.actor('ops', 'other'))).toMatchObject({ postings: 0 });
    const mutation = `mutation($input: ReplayPostingsInput!) { replayPostings(input: $input) {
      __typename ... on Replay { id dryRun postings kinds { kind postings } money { amount currency } skipped { reason postings } } ... on Refused { code path } } }`;
    const variables = { input: { backend: 'erp', dryRun: false, reason: 'again', idempotencyKey: 'once' } };
    const first = await world.ask(mutation, variables, { role: 'ops' });
    expect(first.data.replayPostings).toMatchObject({ __typename: 'Replay', dryRun: false, postings: 2, money: [{ amount: '120.00', currency: 'EUR' }] });
    await world.settles();
    expect(await world.ask(mutation, variables, { role: 'ops' })).toMatchObject({ data: first.data, context: { replayed: true } });
    const query = 'query($filter: PostingFilter) { postings(filter: $filter) { nodes { state replayId } } }';
    const { data } = await world.ask(query, { filter: { replayId: first.data.replayPostings.id } });
    expect(data.postings.nodes.map((node: { state: string }) => node.state)).toEqual(['POSTED', 'POSTED']);
    const dry = await world.ask(mutation, { input: { backend: 'erp', reason: 'only counts' } }, { role: 'ops' });
    expect(dry.data.replayPostings).toMatchObject({ id: null, dryRun: true, postings: 2 });
  });

  test('what cannot be meant is refused, and nothing is put back', async () => {
    const wrongs: [Partial<ReplayPostingsInput>, string, string][] = [
      [{ backend: 'bank' }, 'BACKEND_UNKNOWN', 'input.backend'],
      [{ kinds: ['entitlement'] }, 'KIND_UNKNOWN', 'input.kinds'],
      [{ kinds: [] }, 'KIND_UNKNOWN', 'input.kinds'],
      [{ createdFrom: new Date(2), createdTo: new Date(2) }, 'RANGE_EMPTY', 'input.createdTo'],
      [{ postedFrom: new Date(3), postedTo: new Date(2) }, 'RANGE_EMPTY', 'input.postedTo'],
      [{ customerId: MALFORMED_ID }, 'ID_MALFORMED', 'input.customerId'],
      [{ reason: ' ' }, 'TEXT_INVALID', 'input.reason'],
      [{ legalEntityCode: 'a\u0000' }, 'TEXT_INVALID', 'input.legalEntityCode'],
    ];
    for (const [wrong, code, path] of wrongs) expect(await refusalOf(world, () => replay({ dryRun: false, ...wrong }))).toMatchObject({ code, path });
  });

  test('more than ten thousand postings are refused with their number', async () => {
    const ids = Array.from({ length: 10_001 }, (_, index) => ({ id: `E-${index}`, kind: 'entitlement' as const }));
    for (let from = 0; from < ids.length; from += 1_000) await queue(world, ids.slice(from, from + 1_000));
    await world.database.transaction((sql) => sql.query("UPDATE posting SET state = 'POSTED', settled_at_ms = created_at_ms WHERE backend = 'saas'"));
    const refused = replay({ backend: 'saas' });
    await expect(refused).rejects.toMatchObject({ code: 'REPLAY_TOO_LARGE', message: expect.stringContaining('10001') });
    await world.database.transaction((sql) => sql.query("UPDATE posting SET state = 'PENDING' WHERE resource_id = 'E-0'"));
    expect(await replay({ backend: 'saas', dryRun: false })).toMatchObject({ postings: 10_000, skipped: [{ reason: 'NOT_POSTED', postings: 1 }] });
  });
});
