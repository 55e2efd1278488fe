import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Lane } from '../../entities/operations/Lane';
import { Posting } from '../../entities/operations/Posting';
import { selectRows } from '../../entities/rows';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { clockSkewMs } from '../../sync/claims';
import { DATABASES } from '../harness/databases';
import { needs } from '../harness/services';
import { World } from '../harness/world';
import { anotherRunner, FakeBackend, NO, queue, unsure } from './fakeBackend';

const LEASE_MS = 30_000;

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let erp: FakeBackend;
  beforeEach(async () => {
    erp = new FakeBackend();
    const [billing, crm, saas] = [new FakeBackend(), new FakeBackend(), new FakeBackend()];
    world = await World.open({ database, connectors: { erp, billing, crm, saas } });
  });
  afterEach(() => world.close());

  const at = (externalId: string) => erp.calls.filter((call) => call.endsWith(` ${externalId}`));
  const postings = async () => {
    const rows = await selectRows(world.database.reads, Posting, { where: { tenantId: 'demo', backend: 'erp' }, orderBy: 'lane, sequence' });
    return rows.map(({ document, state, attempts }) => `${document.externalId} ${state} ${attempts}`);
  };
  const exceptions = async () => (await selectRows(world.database.reads, ExceptionItem, { where: { tenantId: 'demo' } })).map(({ kind, state }) => `${kind} ${state}`);
  const later = (ms: number) => world.clock.travelTo(new Date(world.clock.nowMs() + ms).toISOString());
  const round = () => world.runner.round('erp');
  const idOf = async (externalId: string) =>
    (await selectRows(world.database.reads, Posting, { where: { tenantId: 'demo', backend: 'erp' } })).find(({ document }) => document.externalId === externalId)!.id;

  test('documents of one lane go out in the order in which they were decided', async () => {
    const names = Array.from({ length: 45 }, (_, index) => `inv-${index}`);
    for (const id of names) await queue(world, [{ id }]);
    await world.settles();
    expect(erp.calls).toEqual(names.map((id) => `post ${id}`));
    expect(await postings()).toEqual(names.map((id) => `${id} POSTED 1`));
  });

  test('one act queues its documents in the order in which it planned them', async () => {
    await queue(world, [{ id: 'c' }, { id: 'a' }, { id: 'b' }]);
    await world.settles();
    expect(erp.calls).toEqual(['post c', 'post a', 'post b']);
  });

  test('an application waits for an invoice in another lane, and goes once that is in the books', async () => {
    erp.script = ({ kind }) => (kind === 'invoice' && erp.calls.length < 3 ? unsure(false) : undefined);
    await queue(world, [{ id: 'app', kind: 'application', lane: 'a', after: [{ kind: 'invoice', id: 'inv' }] }, { id: 'inv', lane: 'b' }]);
    await world.settles(1);
    expect(erp.calls).toEqual(['post inv']);
    expect(await postings()).toEqual(['app PENDING 0', 'inv PENDING 1']);
    for (let times = 0; times < 4; times++) {
      later(20_000);
      await world.settles();
    }
    expect(erp.calls).toEqual(['post inv', 'post inv', 'post inv', 'post app']);
  });

  test('what waits does not hold up what comes after it in its lane and waits for nothing', async () => {
    await queue(world, [{ id: 'app', kind: 'application', after: [{ kind: 'invoice', id: 'inv' }] }, { id: 'free' }]);
    await queue(world, [{ id: 'inv', lane: 'other' }]);
    await world.settles();
    expect(erp.calls.slice().sort()).toEqual(['post app', 'post free', 'post inv']);
    expect(erp.calls.indexOf('post app')).toBeGreaterThan(erp.calls.indexOf('post inv'));
  });

  test('a dependent in the same lane goes out in the same round as what it waits for', async () => {
    await queue(world, [{ id: 'inv' }, { id: 'app', kind: 'application', after: [{ kind: 'invoice', id: 'inv' }] }]);
    await round();
    expect(erp.calls).toEqual(['post inv', 'post app']);
  });

  test('a document that was perhaps sent is looked up before anything else, and not sent again when it is there', async () => {
    erp.script = (document) => {
      erp.book(document);
      return unsure(true);
    };
    await queue(world, [{ id: 'inv' }, { id: 'next' }]);
    await round();
    expect(await postings()).toEqual(['inv UNCERTAIN 1', 'next PENDING 0']);
    erp.script = () => undefined;
    later(20_000);
    await world.settles();
    expect(erp.calls).toEqual(['post inv', 'find inv', 'post next']);
    expect([...erp.booked.values()]).toEqual([1, 1]);
    expect(await postings()).toEqual(['inv POSTED 2', 'next POSTED 1']);
  });

  test('a document that was perhaps sent and is not there is sent again after it was looked up', async () => {
    erp.script = () => unsure(true);
    await queue(world, [{ id: 'inv' }]);
    await round();
    erp.script = () => undefined;
    later(20_000);
    await world.settles();
    expect(erp.calls).toEqual(['post inv', 'find inv', 'post inv']);
    expect([...erp.booked.values()]).toEqual([1]);
  });

  test('a document that surely never left is sent again without a look-up', async () => {
    erp.script = () => unsure(false);
    await queue(world, [{ id: 'inv' }]);
    await round();
    expect(await postings()).toEqual(['inv PENDING 1']);
    erp.script = () => undefined;
    later(20_000);
    await world.settles();
    expect(erp.calls).toEqual(['post inv', 'post inv']);
  });

  test('a look-up that learns nothing is repeated, and nothing is sent meanwhile', async () => {
    erp.script = () => unsure(true);
    await queue(world, [{ id: 'inv' }]);
    await round();
    const find = erp.find.bind(erp);
    erp.find = async (document) => (await find(document), unsure(true) as never);
    for (let times = 0; times < 3; times++) {
      later(20_000);
      await round();
    }
    expect(erp.calls).toEqual(['post inv', 'find inv', 'find inv', 'find inv']);
  });

  test('a backend that asks to be left alone is left alone for so long', async () => {
    erp.script = () => unsure(false, 120_000);
    await queue(world, [{ id: 'inv' }]);
    await round();
    erp.script = () => undefined;
    later(110_000);
    expect(await round()).toBe(0);
    await queue(world, [{ id: 'new' }]);
    expect(await round()).toBe(0);
    expect(at('inv')).toEqual(['post inv']);
    later(10_001);
    await world.settles();
    expect(erp.calls).toEqual(['post inv', 'post inv', 'post new']);
  });

  test('one lane that backs off holds up no other', async () => {
    erp.script = ({ externalId }) => (externalId === 'slow' ? unsure(false, 3_600_000) : undefined);
    await queue(world, [{ id: 'slow', lane: 'a' }, { id: 'quick', lane: 'b' }]);
    await world.settles();
    expect(await postings()).toEqual(['slow PENDING 1', 'quick POSTED 1']);
  });

  test('a rejected document is an exception; its dependents wait, others go on, and a retry brings all into the books', async () => {
    erp.script = ({ externalId }) => (externalId === 'inv' ? NO : undefined);
    await queue(world, [{ id: 'inv' }, { id: 'app', kind: 'application', after: [{ kind: 'invoice', id: 'inv' }] }, { id: 'free' }]);
    await world.settles();
    later(3_600_000);
    await world.settles();
    expect(await postings()).toEqual(['inv REJECTED 1', 'app PENDING 0', 'free POSTED 1']);
    expect(await exceptions()).toEqual(['POSTING_REJECTED OPEN']);
    erp.script = () => undefined;
    await world.do(retryPosting, { postingId: await idOf('inv') }, world.actor('ops'));
    expect(await exceptions()).toEqual(['POSTING_REJECTED RESOLVED']);
    await world.settles();
    expect(await postings()).toEqual(['inv POSTED 2', 'app POSTED 1', 'free POSTED 1']);
  });

  test('a document rejected again reopens its exception', async () => {
    erp.script = () => NO;
    await queue(world, [{ id: 'inv' }]);
    await world.settles();
    await world.do(retryPosting, { postingId: await idOf('inv') }, world.actor('ops'));
    await world.settles();
    expect(await exceptions()).toEqual(['POSTING_REJECTED OPEN']);
    expect(await postings()).toEqual(['inv REJECTED 2']);
  });

  test('a later version of a customer supersedes a rejected one, and closes its exception', async () => {
    erp.script = ({ version }) => (version === 1 ? NO : undefined);
    const customer = { system: 'crm', key: 'ACME', name: 'Acme', currency: 'EUR' };
    const { id } = await world.do(upsertCustomer, customer);
    await world.settles();
    expect([await postings(), await exceptions()]).toEqual([[`${id} REJECTED 1`], ['POSTING_REJECTED OPEN']]);
    await world.do(upsertCustomer, { ...customer, name: 'Acme & Sons' });
    await world.settles();
    expect([await postings(), await exceptions()]).toEqual([[`${id} SUPERSEDED 1`, `${id} POSTED 1`], ['POSTING_REJECTED RESOLVED']]);
  });

  test('who takes over a lane whose lease ran out looks up first, and what the first owner says late is refused', async () => {
    let reached: () => void;
    let goOn: (answer: undefined) => void;
    const isSending = new Promise<void>((resolve) => (reached = resolve));
    const answered = new Promise<undefined>((resolve) => (goOn = resolve));
    erp.script = (document) => {
      erp.book(document);
      reached();
      return answered.then(() => unsure(true));
    };
    const [first, second] = [anotherRunner(world, 'erp', erp), anotherRunner(world, 'erp', erp)];
    await queue(world, [{ id: 'inv' }]);
    const late = first.runner.round('erp');
    await isSending;
    expect(await second.runner.round('erp')).toBe(0);
    later(LEASE_MS + clockSkewMs(LEASE_MS) + 1);
    erp.script = () => undefined;
    await second.runner.round('erp');
    later(LEASE_MS + clockSkewMs(LEASE_MS));
    await second.runner.round('erp');
    expect(erp.calls).toEqual(['post inv', 'find inv']);
    const settled = await postings();
    goOn!(undefined);
    await late;
    expect(first.complaints).toEqual(['lane/erp/-']);
    expect(await postings()).toEqual(settled);
    expect(settled[0]).toMatch(/^inv POSTED/);
    expect([...erp.booked.values()]).toEqual([1]);
  });

  test('every claim of a lane has a higher fence', async () => {
    const fence = async () => (await selectRows(world.database.reads, Lane, { where: { tenantId: 'demo', id: 'lane/erp/-' } }))[0]!.fence;
    const fences: number[] = [];
    for (const id of ['a', 'b', 'c']) {
      await queue(world, [{ id }]);
      await round();
      fences.push(await fence());
    }
    expect(fences).toEqual([1, 2, 3]);
  });
});

const testMysql = needs('mysql') ? test : test.skip;

testMysql('two runners at once post each of a hundred documents exactly once, and each lane in its order', async () => {
  const erp = new FakeBackend();
  const world = await World.open({ database: 'mysql', connectors: { erp } });
  const wanted = Array.from({ length: 100 }, (_, index) => ({ id: `inv-${index}`, lane: `lane-${index % 20}` }));
  await queue(world, wanted);
  const runners = [anotherRunner(world, 'erp', erp), anotherRunner(world, 'erp', erp)];
  const drain = async ({ runner }: (typeof runners)[number]) => {
    while ((await runner.round('erp')) > 0);
  };
  await Promise.all(runners.map(drain));
  await drain(runners[0]!);
  expect(runners.flatMap(({ complaints }) => complaints)).toEqual([]);
  expect(erp.calls).toHaveLength(100);
  expect([...erp.booked.values()]).toEqual(Array.from({ length: 100 }, () => 1));
  for (let lane = 0; lane < 20; lane++) {
    const inLane = wanted.filter((item) => item.lane === `lane-${lane}`).map(({ id }) => `post ${id}`);
    expect(erp.calls.filter((call) => inLane.includes(call))).toEqual(inLane);
  }
  await world.close();
});
