import type { Answer, Connector } from '../../connectors/connector';
import { Channel } from '../../entities/operations/Channel';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { until } from '../harness/until';
import { World } from '../harness/world';
import { anotherRunner, FakeBackend, queue, unsure, type Wanted } from './fakeBackend';

const many = (entity: string, count: number): Wanted[] => Array.from({ length: count }, (_, index) => ({ id: `${entity}-${index}`, lane: `${entity}-${index}`, entity }));

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let erp: FakeBackend;
  beforeEach(async () => {
    erp = new FakeBackend();
    world = await World.open({ database, tenants: ['demo', 'demo2'], connectors: { erp, billing: new FakeBackend(), crm: new FakeBackend(), saas: new FakeBackend() } });
  });
  afterEach(() => world.close());

  const later = (ms: number) => world.clock.travelTo(new Date(world.clock.nowMs() + ms).toISOString());
  const round = () => world.runner.round('erp');
  const exceptions = async () => (await rowsOf(world, ExceptionItem, {})).map(({ kind, subjectId, state }) => `${kind} ${subjectId} ${state}`);
  const posted = async () => (await rowsOf(world, Posting, { backend: 'erp', state: 'POSTED' })).map(({ document }) => document.externalId).sort();
  const channel = async (name: string) => (await rowsOf(world, Channel, { name }))[0];
  const calls = () => erp.calls.splice(0);

  test("one legal entity's backend that hangs holds up no other's documents, however many wait for it", async () => {
    erp.script = ({ legalEntity }) => (legalEntity?.code === 'HANGS' ? new Promise(() => undefined) : undefined);
    const givenUp = (signal: AbortSignal) => new Promise<Answer>((resolve) => signal.addEventListener('abort', () => resolve(unsure(true))));
    const hanging: Connector = { name: 'hanging', find: (document) => erp.find(document), post: (document, signal) => Promise.race([erp.post(document), givenUp(signal)]) };
    const { runner } = anotherRunner(world, 'erp', hanging, { leaseMs: 3_000 });
    await queue(world, many('HANGS', 200));
    runner.start();
    await until('it hangs', async () => erp.calls.length === 8);
    await queue(world, many('GOES', 40));
    runner.wake();
    await until('all are in the books', async () => (await posted()).length === 40);
    expect(erp.calls.filter((call) => call.includes('HANGS')).length).toBeLessThanOrEqual(24);
    await runner.stop();
  });

  test('a channel that fails five lanes in a row is left alone, then one lane tries, and an answer brings all of them in', async () => {
    erp.script = () => unsure(false);
    await queue(world, many('DE', 30));
    await round();
    expect(calls().length).toBeLessThanOrEqual(24);
    expect(await channel('erp/demo/DE')).toMatchObject({ openings: 1, errorCode: 'NO_ANSWER' });
    await round();
    expect(calls()).toEqual([]);
    later(1_001);
    expect(await round()).toBe(1);
    expect(calls()).toHaveLength(1);
    later(1_500);
    expect(await round()).toBe(0);
    erp.script = () => undefined;
    later(1_500);
    await world.settles();
    expect(await posted()).toHaveLength(30);
    expect(await channel('erp/demo/DE')).toMatchObject({ failures: 0, openings: 0, openUntilMs: null, sinceMs: null, errorCode: null });
  });

  test('the breaker of one legal entity leaves those of others closed', async () => {
    erp.script = ({ legalEntity }) => (legalEntity?.code === 'DE' ? unsure(false) : undefined);
    await queue(world, [...many('DE', 10), ...many('FR', 10)]);
    await world.settles();
    expect(await posted()).toEqual(many('FR', 10).map(({ id }) => id).sort());
    expect(await channel('erp/demo/FR')).toBeUndefined();
  });

  test('channels whose breakers are open keep none of the others from being looked at, however many they are', async () => {
    erp.script = ({ legalEntity }) => (legalEntity?.code.startsWith('DOWN') ? unsure(false, 3_600_000) : undefined);
    for (let index = 0; index < 40; index++) await queue(world, many(`DOWN${index}`, 2));
    await world.settles();
    later(1_000);
    await queue(world, many('FR', 3));
    await world.settles(3);
    expect(await posted()).toHaveLength(3);
  });

  test('a pause that a backend asks for is kept by all lanes of the legal entity', async () => {
    erp.script = () => unsure(false, 600_000);
    await queue(world, many('DE', 1));
    await round();
    erp.script = () => undefined;
    await queue(world, [{ id: 'new', lane: 'new', entity: 'DE' }]);
    later(590_000);
    expect(await round()).toBe(0);
    later(10_001);
    await world.settles();
    expect(await posted()).toEqual(['DE-0', 'new']);
  });

  test('who sends a posting again by hand ends the pause', async () => {
    erp.script = () => unsure(false, 600_000);
    await queue(world, many('DE', 1));
    await round();
    erp.script = () => undefined;
    const [posting] = await rowsOf(world, Posting, { backend: 'erp' });
    await world.do(retryPosting, { postingId: posting!.id }, world.actor('ops'));
    await world.settles();
    expect(await posted()).toEqual(['DE-0']);
  });

  test('a lane that fails alone closes nothing to the others', async () => {
    erp.script = ({ externalId }) => (externalId === 'poison' ? unsure(true) : undefined);
    await queue(world, [{ id: 'poison', lane: 'poison', entity: 'DE' }]);
    for (let times = 0; times < 8; times++) {
      await round();
      later(20_000);
    }
    expect((await channel('erp/demo/DE'))?.openUntilMs ?? null).toBeNull();
    await queue(world, many('DE', 3));
    await world.settles();
    expect(await posted()).toHaveLength(3);
  });

  test('a backend that is silent for minutes is an exception, which ends when it answers', async () => {
    erp.script = () => unsure(false);
    await queue(world, many('DE', 6));
    for (let times = 0; times < 4; times++) {
      await round();
      later(45_000);
    }
    expect(await exceptions()).toEqual(['BACKEND_SILENT erp/DE OPEN']);
    erp.script = () => undefined;
    later(60_000);
    await world.settles();
    expect(await exceptions()).toEqual(['BACKEND_SILENT erp/DE RESOLVED']);
  });

  test('with room for one writer two runners never work two lanes of a legal entity at once, and both finish', async () => {
    let [atOnce, most] = [0, 0];
    const one = { name: 'one', limits: { channelConcurrency: 1 }, find: erp.find.bind(erp), async post(document: Posting['document']) {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      return erp.post(document);
    } };
    await queue(world, many('DE', 12));
    const runners = [anotherRunner(world, 'erp', one).runner, anotherRunner(world, 'erp', one).runner];
    for (const runner of runners) runner.start();
    await until('all are in the books', async () => (await posted()).length === 12);
    await Promise.all(runners.map((runner) => runner.stop()));
    expect(most).toBe(1);
  });

  test('documents go out no faster than the configured rate', async () => {
    await queue(world, many('DE', 60));
    const { runner } = anotherRunner(world, 'erp', erp, { limits: { erp: { perSecond: 40 } } });
    const beganMs = world.clock.nowMs();
    for (let times = 0; times < 5; times++) {
      while ((await runner.round('erp')) > 0);
      expect(erp.calls.length).toBeGreaterThanOrEqual(Math.min(10 * (times + 1), 60));
      expect(erp.calls.length).toBeLessThanOrEqual(11 + ((world.clock.nowMs() - beganMs) * 40) / 1_000);
      later(250);
    }
  });

  test('anyone can ask which channels are open, since when and why, and what a backend said before it took a document', async () => {
    erp.script = ({ legalEntity }) => (legalEntity?.code === 'DE' ? unsure(false) : undefined);
    await queue(world, [...many('DE', 6), ...many('FR', 1)]);
    await world.settles();
    const query = '{ channels { backend legalEntityCode breaker failures silentSince nextTryAt errorCode } exceptions { nodes { subject { id } } } }';
    const { data, errors } = await world.ask(query, {}, { role: 'auditor' });
    expect(errors).toBeUndefined();
    expect(data.channels.filter((item: { backend: string }) => item.backend === 'erp')).toEqual([
      { backend: 'erp', legalEntityCode: 'DE', breaker: 'OPEN', failures: 6, silentSince: expect.any(String), nextTryAt: expect.any(String), errorCode: 'NO_ANSWER' },
      { backend: 'erp', legalEntityCode: 'FR', breaker: 'CLOSED', failures: 0, silentSince: null, nextTryAt: null, errorCode: null },
    ]);
    erp.script = () => undefined;
    later(5_000);
    await world.settles();
    const after = await world.ask('{ postings(first: 50, filter: { backend: "erp" }) { nodes { state answers { outcome code late at } } } }');
    const answered = after.data.postings.nodes.map((node: { state: string; answers: unknown[] }) => `${node.state} ${node.answers.length}`).sort();
    expect(answered).toEqual(['POSTED 0', ...Array<string>(6).fill('POSTED 1')]);
    expect((await world.ask('{ channels { backend } }', {}, { role: 'partner' })).data.channels).toHaveLength(4);
    expect((await world.ask('{ channels { backend } }', {}, { tenant: 'demo2' })).data.channels).toEqual([]);
  });
});
