import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { WebSocket } from 'ws';
import { readConfig } from '../../cli/config';
import { type House, openHouse } from '../../cli/house';
import { addToken, ensureTenant } from '../../cli/tenants';
import { perform } from '../../subgraphs/act';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { systemClock } from '../../sync/clock';

const SUBSCRIPTION = 'subscription($after: String) { changes(after: $after) { cursor type resourceId version data } }';
const TENANTS = ['north', 'south'];

interface Seen {
  cursor: string;
  type: string;
  resourceId: string;
  data: { name?: string };
}

let folder: string;
let house: House;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-feed-'));
  house = await openHouse({ ...readConfig({ EVENKEEL_DATA: folder }), port: 0 }, systemClock);
  for (const tenantId of TENANTS) {
    await ensureTenant(house.engine, { tenantId, name: tenantId, secret: tenantId });
    await addToken(house.engine, { tenantId, client: 'partner', role: 'partner', token: `token-of-${tenantId}` });
  }
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const change = (tenantId: string, name: string) => {
  const principal = { tenantId, client: 'crm', role: 'crm' as const };
  return perform({ engine: house.engine, principal, correlationId: 'feed' }, upsertCustomer, { system: 'crm', key: 'SAME', name, currency: 'EUR' });
};

type Transport = (token: string, after: string | undefined) => AsyncIterable<{ data?: { changes: Seen } | null }>;
const TRANSPORTS: [string, Transport][] = [
  ['SSE', (token, after) => createSse({ url: house.gateway!.url, headers: { authorization: `Bearer ${token}` } }).iterate<{ changes: Seen }>({ query: SUBSCRIPTION, variables: { after } })],
  [
    'WebSocket',
    (token, after) =>
      createWs({ url: house.gateway!.url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } }).iterate<{ changes: Seen }>({
        query: SUBSCRIPTION,
        variables: { after },
      }),
  ],
];

async function take(feed: AsyncIterable<{ data?: { changes: Seen } | null }>, count: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { data } of feed) {
    seen.push(data!.changes);
    if (seen.length === count) break;
  }
  return seen;
}

test.each(TRANSPORTS)('over %s a subscriber sees each change of its tenant once, in order, as it happens, and none of another', async (name, open) => {
  await change('north', `${name} 0`);
  await change('south', `${name} 0`);
  const live = take(open('token-of-north', undefined), 12);
  for (let index = 1; index <= 12; index++) {
    await change('south', `${name} ${index}`);
    await change('north', `${name} ${index}`);
  }
  const seen = await live;
  const cursors = seen.map((item) => Number(item.cursor));
  expect(cursors).toEqual([...new Set(cursors)].sort((a, b) => a - b));
  const resumed = await take(open('token-of-north', seen[3]!.cursor), 3);
  expect(resumed.map((item) => item.cursor)).toEqual(seen.slice(4, 7).map((item) => item.cursor));
  const ids = new Set(seen.filter((item) => item.type === 'customer.upserted').map((item) => item.resourceId));
  expect(ids.size).toBe(1);
  const south = await take(open('token-of-south', undefined), 1);
  expect(ids.has(south[0]!.resourceId)).toBe(false);
});

test('an unknown cursor is refused in words, and a token that is not known gets nothing', async () => {
  const ask = (token: string) =>
    fetch(house.gateway!.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ changes(after: "yesterday") { endCursor } }' }),
    });
  const refused = await (await ask('token-of-north')).json();
  expect((refused as any).errors[0]).toMatchObject({ extensions: { code: 'CURSOR_MALFORMED', path: 'after', retryable: false } });
  expect((await ask('token-of-east')).status).toBe(401);
});
