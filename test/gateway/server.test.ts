import { request as httpRequest } from 'node:http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../../gateway/server';
import type { Asked } from '../../gateway/answer';
import type { Principal } from '../../subgraphs/context';
import { systemClock } from '../../sync/clock';
import { alice, contextOf, fixtureExecution, open } from './fixture';

const TOKENS: Record<string, Principal> = {
  'token-alice': alice,
  'token-auditor': { tenantId: 'acme', client: 'vera', role: 'auditor' },
};
const authorization = 'Bearer token-alice';

let gateway: Gateway;
let unready: string[] = [];
const logged: any[] = [];
const askedFor: Asked[] = [];

beforeAll(async () => {
  gateway = await startGateway({
    execution: await fixtureExecution(),
    contextOf: (asked) => (askedFor.push(asked), contextOf(asked)),
    authenticate: async (token) => (token === undefined ? undefined : TOKENS[token]),
    port: 0,
    clock: { ...systemClock, nowMs: () => 1_800_000_000_000 },
    log: { error: (fields: object) => void logged.push(fields) } as never,
    ready: async () => unready,
    metrics: () => 'evenkeel_from_elsewhere 7\n',
    routes: { '/webhooks': (_, response) => void response.end('hooked') },
    bodyBytesMax: 100_000,
  });
});
afterAll(() => gateway.close());

const at = (path: string) => `http://localhost:${gateway.port}${path}`;

async function post(body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: (text.startsWith('{') ? JSON.parse(text) : text) as any };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

describe('who may ask', () => {
  test.each([
    ['no token', {}],
    ['an unknown token', { authorization: 'Bearer nobody' }],
    ['another scheme', { authorization: 'Basic dG9rZW4tYWxpY2U=' }],
  ])('%s is 401 before anything is parsed', async (_, headers) => {
    const { status, headers: sent, body } = await post('{ not json', { authorization: '', ...headers });
    expect([status, body.errors[0].extensions.code, sent.get('www-authenticate')]).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
  });

  test('a reading role may query but not mutate', async () => {
    const auditor = { authorization: 'Bearer token-auditor' };
    expect((await post({ query: '{ shared { id } }' }, auditor)).body).toEqual({ data: { shared: [{ id: 'inv_shared' }] } });
    const { body } = await post({ query: 'mutation { invoiceCustomer(customer: "cus_1") { id } }' }, auditor);
    expect(body.errors[0].extensions.code).toBe('FORBIDDEN');
  });
});

describe('requests and answers', () => {
  test('a cross-subgraph query by POST, with variables and operation name', async () => {
    const query = 'query A { shared { id } } query B($count: Int!) { invoices(count: $count) { customer { name } } }';
    const { status, body, headers } = await post({ query, operationName: 'B', variables: { count: 1 } });
    expect([status, body]).toEqual([200, { data: { invoices: [{ customer: { name: 'Name of cus_0' } }] } }]);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a query by GET; a mutation by GET is 405', async () => {
    const get = (query: string) => fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, { headers: { authorization } });
    expect(await (await get('{ shared { id } }')).json()).toEqual({ data: { shared: [{ id: 'inv_shared' }] } });
    expect((await get('mutation { invoiceCustomer(customer: "c") { id } }')).status).toBe(405);
  });

  test.each([
    ['no JSON', '{ nope', {}, 400, 'BAD_REQUEST'],
    ['a list of operations', [{ query: '{ shared { id } }' }], {}, 400, 'BAD_REQUEST'],
    ['a body of text, which a form on another site could send', '{"query":"{ shared { id } }"}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no query', {}, {}, 400, 'BAD_REQUEST'],
    ['variables in a list', { query: '{ shared { id } }', variables: [1] }, {}, 400, 'BAD_REQUEST'],
    ['a body past the limit', { query: '{ shared { id } }', padding: 'x'.repeat(100_001) }, {}, 413, 'BODY_TOO_LARGE'],
    ['a media type nobody speaks', { query: '{ shared { id } }' }, { accept: 'image/png' }, 406, 'NOT_ACCEPTABLE'],
    ['a subscription without events', { query: 'subscription { paymentChanged(count: 1) { cursor } }' }, {}, 406, 'NOT_ACCEPTABLE'],
  ])('%s is refused', async (_, body, headers, status, code) => {
    const answer = await post(body, headers as Record<string, string>);
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([status, code]);
  });

  test('a chunked body past the limit is refused though it names no length', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json', authorization } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write(`{"query":"${'x'.repeat(60_000)}`);
      request.write('x'.repeat(60_000));
      request.end('"}');
    });
    expect(status).toBe(413);
  });

  test('a document past the depth limit is refused', async () => {
    const query = `{ invoices ${'{ customer { invoices '.repeat(8)}{ id }${'} }'.repeat(8)} }`;
    expect((await post({ query })).body.errors[0]).toMatchObject({ message: 'The operation is 18 fields deep; 15 are allowed.', extensions: { code: 'OPERATION_TOO_LARGE' } });
  });

  test('what was never run is 400 under the newer media type, and 200 under application/json', async () => {
    const accept = 'application/graphql-response+json';
    expect((await post({ query: '{ nothing }' }, { accept })).status).toBe(400);
    expect((await post({ query: '{ nothing }' })).status).toBe(200);
    const unfit = await post({ query: 'query ($c: Int!) { invoices(count: $c) { id } }', variables: { c: 'x' } }, { accept });
    expect([unfit.status, unfit.body.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  });

  test('introspection answers', async () => {
    const { body } = await post({ query: '{ __schema { queryType { name } types { name fields { name type { ofType { ofType { ofType { name } } } } } } } }' });
    const names: string[] = body.data.__schema.types.map(({ name }: { name: string }) => name);
    expect(names.filter((name) => name.startsWith('join__') || name.startsWith('_Any'))).toEqual([]);
    expect(names).toContain('PaymentResult');
  });

  test('a replay says so, and the idempotency key reaches the context', async () => {
    const { body } = await post({ query: 'mutation { invoiceCustomer(customer: "cus_1") { id customer { name } } }' }, { 'idempotency-key': 'again' });
    expect(body).toEqual({ data: { invoiceCustomer: { id: 'inv_new', customer: { name: 'Name of cus_1' } } }, extensions: { idempotentReplay: true } });
    expect(askedFor.at(-1)?.idempotencyKey).toBe('again');
  });
});

describe('errors', () => {
  test('an unexpected one is masked, and logged once with its correlation id and without variables', async () => {
    logged.length = 0;
    const query = 'query ($id: ID!) { customer(id: $id) { name } }';
    const { body, headers } = await post({ query, variables: { id: 'cus_broken' } }, { 'x-correlation-id': 'corr_1.a-B' });
    expect(headers.get('x-correlation-id')).toBe('corr_1.a-B');
    expect(body.data).toEqual({ customer: null });
    expect(body.errors).toEqual([expect.objectContaining({ path: ['customer'], extensions: { code: 'INTERNAL', correlationId: 'corr_1.a-B' } })]);
    expect(JSON.stringify(body)).not.toMatch(/secret|stack/);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ correlationId: 'corr_1.a-B', tenant: 'acme', err: { message: 'secret of cus_broken' } });
    expect(JSON.stringify(Object.keys(logged[0]))).not.toContain('variables');
  });

  test('a refusal keeps code, input path and whether to retry; a GraphQLError its code', async () => {
    const { body } = await post({ query: '{ a: customer(id: "cus_refused") { id } b: customer(id: "cus_forbidden") { id } }' }, { 'x-correlation-id': 'c1' });
    expect(body.errors.map(({ path, message, extensions }: any) => ({ path, message, ...extensions, inputPath: extensions.path }))).toMatchObject([
      { message: 'This customer is locked.', code: 'CUSTOMER_LOCKED', inputPath: 'id', retryable: true, correlationId: 'c1' },
      { message: 'Not yours.', code: 'FORBIDDEN', correlationId: 'c1' },
    ]);
  });

  test('a correlation id that is none is replaced', async () => {
    const { headers } = await post({ query: '{ shared { id } }' }, { 'x-correlation-id': 'no spaces, please' });
    expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('subscriptions', () => {
  const query = 'subscription { paymentChanged(count: 3) { cursor payment { id payer { name } } } }';

  test('by fetch: events with ids, then complete', async () => {
    const answer = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
      body: JSON.stringify({ query }),
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = (await answer.text()).split('\n\n').filter((event) => event !== '' && event !== ':');
    expect(events).toHaveLength(4);
    expect(events[0]).toBe('id: c1\nevent: next\ndata: {"data":{"paymentChanged":{"cursor":"c1","payment":{"id":"pay_1","payer":{"name":"Name of cus_1"}}}}}');
    expect(events[3]).toBe('event: complete\ndata:');
  });

  test('by a graphql-sse client in distinct connections mode', async () => {
    const client = createSseClient({ url: gateway.url, headers: { authorization } });
    const cursors: unknown[] = [];
    for await (const { data } of client.iterate<any>({ query })) cursors.push(data!.paymentChanged.cursor);
    expect(cursors).toEqual(['c1', 'c2', 'c3']);
    client.dispose();
  });

  test('a client that goes away ends its feed', async () => {
    const leave = new AbortController();
    const answer = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
      body: JSON.stringify({ query: 'subscription { paymentChanged(count: 1000000) { cursor payment { payer { name } } } }' }),
      signal: leave.signal,
    });
    await answer.body!.getReader().read();
    expect(open.feeds).toBe(1);
    leave.abort();
    await until(() => open.feeds === 0);
  });

  test('over a WebSocket, with the token in the connection parameters; queries and errors too', async () => {
    const client = createSocketClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization } });
    const seen: any[] = [];
    for await (const event of client.iterate<any>({ query })) seen.push(event);
    expect(seen.map(({ data }) => data.paymentChanged.payment.payer.name)).toEqual(Array(3).fill('Name of cus_1'));
    for await (const event of client.iterate({ query: '{ customer(id: "cus_broken") { id } }' })) seen.push(event);
    expect(seen.at(-1).errors[0].extensions.code).toBe('INTERNAL');
    const wrong = client.iterate({ query: '{ nothing }' }).next();
    await expect(wrong).rejects.toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'GRAPHQL_VALIDATION_FAILED' }) })]);
    await client.dispose();
  });

  test('over a WebSocket, with the token in the upgrade request', async () => {
    class Authorized extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { authorization } });
      }
    }
    const client = createSocketClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: Authorized });
    for await (const { data } of client.iterate<any>({ query: '{ shared { id } }' })) expect(data).toEqual({ shared: [{ id: 'inv_shared' }] });
    await client.dispose();
  });

  test('over a WebSocket, an unknown token closes with 4401, and another path is 404', async () => {
    const client = createSocketClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization: 'Bearer nobody' }, retryAttempts: 0 });
    await expect(client.iterate({ query }).next()).rejects.toMatchObject({ code: 4401 });
    const elsewhere = new WebSocket(at('/elsewhere').replace('http', 'ws'), 'graphql-transport-ws');
    await expect(new Promise((_, reject) => elsewhere.once('error', reject))).rejects.toThrow('404');
  });
});

describe('around GraphQL', () => {
  test('GraphiQL comes from here alone, without a token', async () => {
    const answer = await fetch(gateway.url, { headers: { accept: 'text/html' } });
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("connect-src 'self'");
    const loaded = [...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*["']?(https?:|\/\/)/gi)].map(([tag]) => tag);
    expect(loaded).toEqual([]);
    expect(html).toContain('YogaGraphiQL.renderYogaGraphiQL');
    expect(html).toContain('"defaultQuery":"# Put your token');
  });

  test('livez and readyz need no token, and readyz says why not', async () => {
    expect((await fetch(at('/livez'))).status).toBe(200);
    expect((await fetch(at('/readyz'))).status).toBe(200);
    unready = ['the database does not answer'];
    const answer = await fetch(at('/readyz'));
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'unready', reasons: ['the database does not answer'] }]);
    unready = [];
  });

  test('metrics count what was asked, and need a token', async () => {
    expect((await fetch(at('/metrics'))).status).toBe(401);
    const text = await (await fetch(at('/metrics'), { headers: { authorization } })).text();
    expect(text).toMatch(/^evenkeel_requests_total\{operation="query",outcome="ok"\} [1-9]/m);
    expect(text).toMatch(/^evenkeel_errors_total\{code="INTERNAL"\} [1-9]/m);
    expect(text).toMatch(/^evenkeel_subscriptions_open 0$/m);
    expect(text).toContain('evenkeel_from_elsewhere 7\n');
  });

  test('other paths: routes by prefix, else 404 in JSON', async () => {
    expect(await (await fetch(at('/webhooks/stripe'))).text()).toBe('hooked');
    const answer = await fetch(at('/webhooksy'));
    expect([answer.status, ((await answer.json()) as any).errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('closing ends open streams', async () => {
    const second = await startGateway({
      execution: await fixtureExecution(), contextOf, authenticate: async () => alice, port: 0,
      clock: systemClock, log: { error: () => undefined } as never, ready: async () => [],
    });
    const answer = await fetch(second.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { paymentChanged(count: 1000000) { cursor } }' }),
    });
    const client = createSocketClient({ url: second.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0, lazy: false, onNonLazyError: () => undefined });
    await new Promise((resolve) => client.on('connected', resolve));
    await Promise.all([second.close(), expect(answer.text()).rejects.toThrow()]);
    await until(() => open.feeds === 0);
  });
});
