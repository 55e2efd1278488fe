import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector } from '../../connectors/connector';
import { sandboxConnector } from '../../connectors/sandbox/connector';
import { startSandbox, type Sandbox } from '../../connectors/sandbox/server';
import { systemClock } from '../../sync/clock';
import type { PostingDocument } from '../../sync/documents';
import { QUOTE_CHARS_MAX, readRetryAfter, redactedQuote } from '../../sync/replies';
import { ask, documentsOf } from './sandboxDocuments';

const erp = documentsOf('t1', 'erp');
const never = () => new AbortController().signal;
const invoice = () => erp.invoice('inv_1', [[10_000n, 2_000n]]);

let sandbox: Sandbox;
let connector: Connector;
beforeEach(async () => {
  sandbox = await startSandbox({ clock: systemClock });
  connector = sandboxConnector({ url: sandbox.url, backend: 'erp' });
  expect(await connector.post(erp.customer(), never())).toMatchObject({ outcome: 'POSTED' });
});
afterEach(async () => {
  await connector.close!();
  await sandbox.close();
});

describe('each fault gives its answer, and the look-up then tells the truth', () => {
  test.each`
    fault                  | answer                                                            | found
    ${'none'}              | ${{ outcome: 'POSTED', reference: 'ERP-000002', number: 'INV-1' }} | ${'POSTED'}
    ${'down'}              | ${{ outcome: 'UNCERTAIN', sent: true, code: 'CONNECTION_CUT' }}   | ${'ABSENT'}
    ${'slow'}              | ${{ outcome: 'POSTED', number: 'INV-1' }}                         | ${'POSTED'}
    ${'tooMany'}           | ${{ outcome: 'UNCERTAIN', sent: false, retryAfterMs: 7_000 }}     | ${'ABSENT'}
    ${'errorAfterCommit'}  | ${{ outcome: 'UNCERTAIN', sent: true, code: 'HTTP_500' }}         | ${'POSTED'}
    ${'errorBeforeCommit'} | ${{ outcome: 'UNCERTAIN', sent: true, code: 'HTTP_500' }}         | ${'ABSENT'}
    ${'reject'}            | ${{ outcome: 'REJECTED', code: 'SANDBOX_REJECTS' }}               | ${'ABSENT'}
    ${'garbage'}           | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ANSWER_UNREADABLE' }} | ${'POSTED'}
    ${'cut'}               | ${{ outcome: 'UNCERTAIN', sent: true, code: 'CONNECTION_CUT' }}   | ${'POSTED'}
  `('$fault', async ({ fault, answer, found }) => {
    await ask(sandbox.url, '/faults', { backend: 'erp', fault, count: 1, delayMs: 20, retryAfterSeconds: 7 });
    expect(await connector.post(invoice(), never())).toMatchObject(answer);
    expect(await ask(sandbox.url, '/faults')).toEqual({ faults: [] });
    expect(await connector.find(invoice(), never())).toMatchObject({ outcome: found });
  });

  test('a hanging backend is given up with the signal, and nothing is booked', async () => {
    await ask(sandbox.url, '/faults', { backend: 'erp', fault: 'hang', count: 1 });
    const answer = await connector.post(invoice(), AbortSignal.timeout(50));
    expect(answer).toMatchObject({ outcome: 'UNCERTAIN', sent: true, code: 'TIMEOUT' });
    expect(await connector.find(invoice(), never())).toEqual({ outcome: 'ABSENT' });
  });

  test('a slow backend given up too early has booked, as the look-up finds', async () => {
    await ask(sandbox.url, '/faults', { backend: 'erp', fault: 'slow', count: 1, delayMs: 500 });
    expect(await connector.post(invoice(), AbortSignal.timeout(50))).toMatchObject({ outcome: 'UNCERTAIN', sent: true });
    expect(await connector.find(invoice(), never())).toMatchObject({ outcome: 'POSTED', reference: 'ERP-000002' });
  });

  test('a call given up before it starts sends nothing', async () => {
    expect(await connector.post(invoice(), AbortSignal.abort())).toMatchObject({ outcome: 'UNCERTAIN', sent: false, code: 'ABORTED' });
  });

  test('a backend that does not listen got nothing, but its look-up proves nothing either', async () => {
    await sandbox.close();
    const fresh = sandboxConnector({ url: sandbox.url, backend: 'erp' });
    expect(await fresh.post(invoice(), never())).toMatchObject({ outcome: 'UNCERTAIN', sent: false, code: 'UNREACHABLE' });
    expect(await fresh.find(invoice(), never())).toMatchObject({ outcome: 'UNCERTAIN', sent: true });
  });

  test.each(['down', 'hang', 'tooMany'])('a look-up under %s stays uncertain', async (fault) => {
    await ask(sandbox.url, '/faults', { backend: 'erp', fault });
    expect(await connector.find(invoice(), AbortSignal.timeout(100))).toMatchObject({ outcome: 'UNCERTAIN', sent: true });
  });

});

describe('the knobs', () => {
  test('a fault strikes its backend and kind only, as often as it says, until it is lifted', async () => {
    await ask(sandbox.url, '/faults', { backend: 'erp', fault: 'reject', match: 'payment', count: 2 });
    await ask(sandbox.url, '/faults', { backend: 'billing', fault: 'down' });
    const outcomes = [];
    for (const id of ['pay_1', 'pay_2', 'pay_3']) outcomes.push((await connector.post(erp.payment(id, 500n), never())).outcome);
    expect(outcomes).toEqual(['REJECTED', 'REJECTED', 'POSTED']);
    expect((await connector.post(invoice(), never())).outcome).toBe('POSTED');
    await fetch(`${sandbox.url}/faults`, { method: 'DELETE' });
    expect(await ask(sandbox.url, '/faults')).toEqual({ faults: [] });
  });

  test('down for one kind cuts that kind and lets others through', async () => {
    await ask(sandbox.url, '/faults', { backend: 'erp', fault: 'down', match: 'invoice' });
    expect((await connector.post(invoice(), never())).outcome).toBe('UNCERTAIN');
    expect((await connector.post(erp.payment('pay_1', 5n), never())).outcome).toBe('POSTED');
  });

  test.each([{}, { backend: 'erp', fault: 'odd' }, { backend: 'erp', fault: 'slow', delayMs: -1 }, { backend: 'crm', fault: 'down', match: 'payment' }])(
    'the knob %j is refused', async (knob) => {
      await expect(ask(sandbox.url, '/faults', knob)).rejects.toThrow('400');
    });
});

describe('answers of servers that are not quite the sandbox', () => {
  let server: Server;
  afterEach(() => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())));

  async function postTo(answer: RequestListener, document: PostingDocument = invoice()) {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const clock = { ...systemClock, nowMs: () => Date.parse('2026-05-01T00:00:00Z') };
    const other = sandboxConnector({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, backend: 'erp', clock });
    try {
      return await other.post(document, never());
    } finally {
      await other.close!();
    }
  }

  const RIGHT = { externalId: 'inv_1', reference: 'R-1', version: 1 };
  test.each`
    status | headers                                              | body                                  | answer
    ${201} | ${{}}                                                | ${JSON.stringify(RIGHT)}              | ${{ outcome: 'POSTED', reference: 'R-1' }}
    ${200} | ${{}}                                                | ${'{"externalId":"inv_2","reference":"R"}'} | ${{ outcome: 'UNCERTAIN', sent: true }}
    ${200} | ${{}}                                                | ${'{"externalId":"inv_1"}'}           | ${{ outcome: 'UNCERTAIN', sent: true }}
    ${200} | ${{}}                                                | ${'<html>Sign in</html>'}             | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ANSWER_UNREADABLE' }}
    ${302} | ${{ location: '/login' }}                            | ${'{}'}                               | ${{ outcome: 'UNCERTAIN', sent: true }}
    ${400} | ${{}}                                                | ${'{"code":"BAD","message":"no"}'}    | ${{ outcome: 'REJECTED', code: 'BAD', message: 'no' }}
    ${409} | ${{}}                                                | ${'{"code":"OTHER","message":"no"}'}  | ${{ outcome: 'REJECTED', code: 'OTHER' }}
    ${409} | ${{}}                                                | ${'{"code":"STALE_VERSION"}'}         | ${{ outcome: 'UNCERTAIN', sent: true }}
    ${401} | ${{}}                                                | ${'{}'}                               | ${{ outcome: 'UNCERTAIN', sent: false, code: 'UNAUTHORIZED' }}
    ${429} | ${{}}                                                | ${''}                                 | ${{ outcome: 'UNCERTAIN', sent: false, code: 'BUSY' }}
    ${503} | ${{ 'retry-after': 'Fri, 01 May 2026 00:01:30 GMT' }} | ${''}                                | ${{ outcome: 'UNCERTAIN', sent: true, retryAfterMs: 90_000 }}
    ${503} | ${{}}                                                | ${'down'}                             | ${{ outcome: 'UNCERTAIN', sent: true, code: 'HTTP_503' }}
    ${504} | ${{}}                                                | ${'late'}                             | ${{ outcome: 'UNCERTAIN', sent: true, code: 'HTTP_504' }}
    ${200} | ${{}}                                                | ${'x'.repeat(1_100_000)}              | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ANSWER_TOO_LONG' }}
  `('HTTP $status is $answer', async ({ status, headers, body, answer }) => {
    expect(await postTo((request, response) => request.resume().on('end', () => response.writeHead(status, headers).end(body)))).toMatchObject(answer);
  });

  test('an answer that breaks off is uncertain', async () => {
    const answer = await postTo((_, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"externalId":"inv_1"', () => setImmediate(() => response.destroy()));
    });
    expect(answer).toMatchObject({ outcome: 'UNCERTAIN', sent: true, code: 'CONNECTION_CUT' });
  });

  test('the correlation id and tenant travel in headers', async () => {
    const seen: unknown[] = [];
    await postTo((request, response) => {
      seen.push(request.headers['x-correlation-id'], request.headers['x-tenant']);
      response.end('{}');
    });
    expect(seen).toEqual(['cor-inv_1', 't1']);
  });
});

test.each`
  header                             | ms
  ${null}                            | ${undefined}
  ${'0'}                             | ${0}
  ${' 120 '}                         | ${120_000}
  ${'999999999'}                     | ${86_400_000}
  ${'9'.repeat(400)}                 | ${86_400_000}
  ${'1.5'}                           | ${1_500}
  ${'1e9'}                           | ${undefined}
  ${'-0.5'}                          | ${undefined}
  ${'5 s'}                           | ${undefined}
  ${'wait 3000'}                     | ${undefined}
  ${'0x10'}                          | ${undefined}
  ${'Thursday, 01-Jan-70 00:00:10 GMT'} | ${9_000}
  ${'Thu Jan  1 00:00:10 1970'}      | ${9_000}
  ${'1970-01-01T00:00:10Z'}          | ${9_000}
  ${'Fri, 01 Jan 9999 00:00:00 GMT'} | ${86_400_000}
  ${'Thu, 99 Foo 1970 99:99:99 GMT'} | ${undefined}
  ${'-5'}                            | ${undefined}
  ${'soon'}                          | ${undefined}
  ${'Thu, 01 Jan 1970 00:00:10 GMT'} | ${9_000}
  ${'Wed, 31 Dec 1969 00:00:00 GMT'} | ${0}
`('Retry-After $header asks for $ms ms', ({ header, ms }) => {
  expect(readRetryAfter(header, 1_000)).toBe(ms);
});

test('a quote keeps no secret, address or account and stays short', () => {
  const raw = `mail ada@example.com, "api_key": "sk_live_abc", Bearer abc.def, IBAN FR76 3000 6000 0112 3456 7890 189, card 4111 1111 1111 1111\n${'z'.repeat(900)}`;
  const quote = redactedQuote(raw);
  for (const secret of ['ada@', 'sk_live', 'abc.def', '6000', '4111', '\n']) expect(quote).not.toContain(secret);
  expect(quote.length).toBeLessThanOrEqual(QUOTE_CHARS_MAX);
});
