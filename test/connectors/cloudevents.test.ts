import { usageDoor } from '../../cli/house';
import { UsageEvent } from '../../entities/invoices/UsageEvent';
import { type Gateway, startGateway } from '../../gateway/server';
import type { Role } from '../../subgraphs/context';
import { rowsOf } from '../harness/refusals';
import { theExecution, World } from '../harness/world';
import { makeMeter, perCall, type SampleUsage, sampleUsage, usageContract } from '../invoices/usageGiven';

let world: World;
let gateway: Gateway;
let given: SampleUsage;
beforeAll(async () => {
  world = await World.open();
  given = await sampleUsage(world);
  await makeMeter(world, { valueField: 'count' });
  await usageContract(world, given);
  gateway = await startGateway({
    execution: await theExecution(),
    contextOf: () => {
      throw new Error('nobody asks GraphQL here');
    },
    authenticate: async (token) => (token ? world.principal(token as Role) : undefined),
    port: 0, host: '127.0.0.1', clock: world.clock, log: { error: () => undefined }, ready: async () => [], bodyBytesMax: 100_000,
    doors: { '/usage': usageDoor(world.engine) },
  });
});
afterAll(async () => {
  await gateway.close();
  await world.close();
});

const ONE = { specversion: '1.0', id: 'one', source: 'https://app.example/calls', type: 'calls', subject: 'U-1', time: '2026-11-05T12:00:00Z', data: { count: 3 } };
const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json; charset=utf-8';

async function send(body: unknown, headers: Record<string, string> = {}, role: Role | '' = 'ops') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/usage`, { method: 'POST', headers: { ...(role && { authorization: `Bearer ${role}` }), 'content-type': STRUCTURED, ...headers }, body: text });
  return { status: answer.status, body: (await answer.json()) as any };
}

test('a structured event is stored, and known when it is sent again', async () => {
  expect(await send(ONE)).toEqual({ status: 200, body: { accepted: 1, duplicates: 0, failed: [] } });
  expect(await send(ONE)).toEqual({ status: 200, body: { accepted: 0, duplicates: 1, failed: [] } });
  expect(await send({ ...ONE, data: { count: 4 } })).toMatchObject({ status: 409, body: { failed: [{ id: 'one', code: 'USAGE_CONFLICT' }] } });
  expect((await rowsOf(world, UsageEvent)).map(({ quantity, eventId }) => [quantity, eventId])).toEqual([[3n, 'one']]);
});

test('a binary event says the same by its headers', async () => {
  const { data, ...attributes } = ONE;
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]));
  expect(await send(data, { ...headers, 'content-type': 'application/json' })).toEqual({ status: 200, body: { accepted: 0, duplicates: 1, failed: [] } });
  expect(await send(data, { ...headers, 'ce-id': 'two', 'content-type': 'application/json' })).toMatchObject({ status: 200, body: { accepted: 1 } });
});

test('of a batch each event is taken by itself', async () => {
  const batch = [{ ...ONE, id: 'three' }, { ...ONE, id: 'four', type: 'steps' }, { ...ONE, id: 'five', time: undefined }, ONE];
  expect(await send(batch, { 'content-type': BATCH })).toMatchObject({
    status: 207, body: { accepted: 1, duplicates: 1, failed: [{ id: 'four', code: 'METER_UNKNOWN', path: 'input.events.1.type' }, { id: 'five', code: 'USAGE_TIME_MALFORMED' }] },
  });
});

test('exact numbers travel as text, and what was rounded on the way is refused', async () => {
  const meter = await makeMeter(world, { key: 'bytes', unit: 'bytes' });
  await usageContract(world, given, { number: 'U-B', usage: perCall(meter) });
  const bytes = { ...ONE, type: 'bytes', subject: 'U-B' };
  expect(await send({ ...bytes, id: 'b1', data: { value: '8999999999999999' } })).toMatchObject({ status: 200 });
  expect(await send(JSON.stringify({ ...bytes, id: 'b2', data: { value: 0 } }).replace('"value":0', '"value":9007199254740993'))).toMatchObject({ status: 422, body: { failed: [{ code: 'USAGE_TOO_LARGE' }] } });
  expect(await send({ ...bytes, id: 'b3', data: { value: 1e-9 } })).toMatchObject({ status: 422, body: { failed: [{ code: 'USAGE_VALUE_MALFORMED' }] } });
  expect(await send({ ...bytes, id: 'b4' })).toMatchObject({ status: 422, body: { failed: [{ code: 'USAGE_VALUE_MISSING' }] } });
});

test.each<[string, unknown, Record<string, string>, number, string]>([
  ['another version of the specification', { ...ONE, specversion: '0.3' }, {}, 422, 'CLOUDEVENT_MALFORMED'],
  ['a batch that is none', ONE, { 'content-type': BATCH }, 422, 'CLOUDEVENT_MALFORMED'],
  ['what is no JSON', '{', {}, 422, 'CLOUDEVENT_MALFORMED'],
  ['plain JSON', ONE, { 'content-type': 'application/json' }, 415, 'CLOUDEVENT_MODE_UNKNOWN'],
  ['an empty batch', [], { 'content-type': BATCH }, 422, 'USAGE_BATCH_SIZE'],
])('%s is refused', async (_what, body, headers, status, code) => {
  expect(await send(body, headers)).toMatchObject({ status, body: { failed: [{ code }] } });
});

test('without a token, with a role that may not, by another method, and beyond the limit nothing is read', async () => {
  expect((await send(ONE, {}, '')).status).toBe(401);
  expect((await send(ONE, {}, 'partner')).status).toBe(403);
  expect((await send(ONE, {}, 'auditor')).status).toBe(403);
  expect((await fetch(`http://127.0.0.1:${gateway.port}/usage`, { headers: { authorization: 'Bearer ops' } })).status).toBe(405);
  expect((await send({ ...ONE, data: { text: 'x'.repeat(100_000) } })).status).toBe(413);
});
