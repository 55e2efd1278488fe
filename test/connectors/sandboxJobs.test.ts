import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector } from '../../connectors/connector';
import { sandboxConnector } from '../../connectors/sandbox/connector';
import { startSandbox, type Sandbox } from '../../connectors/sandbox/server';
import { systemClock } from '../../sync/clock';
import { ask, documentsOf } from './sandboxDocuments';

const erp = documentsOf('t1', 'erp');
const other = documentsOf('t2', 'erp');
const never = () => new AbortController().signal;
const CONFLICT = JSON.stringify({ title: 'Conflict', status: 400, 'o:errorDetails': [{ detail: 'again', 'o:errorCode': 'IDEMPOTENCY_ERROR' }] });

describe('the sandbox', () => {
  let sandbox: Sandbox;
  let connector: Connector;
  beforeEach(async () => {
    sandbox = await startSandbox({ clock: systemClock });
    connector = sandboxConnector({ url: sandbox.url, backend: 'erp' });
  });
  afterEach(async () => {
    await connector.close!();
    await sandbox.close();
  });

  test('a batch of two tenants goes as two requests, and each document into its own books', async () => {
    const documents = [erp.payment('pay_1', 5n, null), other.payment('pay_1', 6n, null), erp.payment('pay_2', 7n, null)];
    const answers = await connector.batch!.post(documents, never());
    expect(answers.map(({ outcome }) => outcome)).toEqual(['POSTED', 'POSTED', 'POSTED']);
    expect(await ask(sandbox.url, '/erp/stats')).toMatchObject({ documents: 3, doubles: 0, sinceStart: { batches: 2, posts: 3 } });
    expect(await ask(sandbox.url, '/erp/documents?tenant=t2')).toMatchObject({ rows: [{ externalId: 'pay_1', count: 1 }] });
  });

  test('the same document twice in a batch cannot be told apart, so neither answer is believed', async () => {
    const document = erp.payment('pay_1', 5n, null);
    const answers = await connector.batch!.post([document, { ...document }], never());
    expect(answers).toMatchObject([{ outcome: 'UNCERTAIN', sent: true, code: 'LINE_TWICE' }, { outcome: 'UNCERTAIN', sent: true, code: 'LINE_TWICE' }]);
  });

  test('a job that is held is booked when told; its document is found under the version that was accepted', async () => {
    await ask(sandbox.url, '/settings', { backend: 'erp', jobs: { delayMs: null, fails: false } });
    expect(await connector.post(erp.customer('cus_a', 2), never())).toMatchObject({ outcome: 'UNCERTAIN', sent: true, code: 'ACCEPTED', retryAfterMs: 1_000 });
    expect(await connector.find(erp.customer('cus_a', 2), never())).toMatchObject({ outcome: 'UNCERTAIN', sent: true, code: 'ACCEPTED' });
    expect(await connector.find(erp.customer('cus_a', 1), never())).toEqual({ outcome: 'ABSENT' });
    expect(await ask(sandbox.url, '/jobs', { backend: 'billing', end: 'book' })).toEqual({ ended: 0 });
    expect(await ask(sandbox.url, '/jobs', { backend: 'erp', end: 'book' })).toEqual({ ended: 1 });
    expect(await connector.find(erp.customer('cus_a', 2), never())).toMatchObject({ outcome: 'POSTED', reference: 'ERP-000001' });
  });

  test('jobs that fail by themselves are refusals, also one that a batch has made', async () => {
    await ask(sandbox.url, '/settings', { backend: 'erp', jobs: { delayMs: 0, fails: true } });
    const document = erp.payment('pay_1', 5n, null);
    expect(await connector.batch!.post([document], never())).toMatchObject([{ outcome: 'UNCERTAIN', code: 'ACCEPTED' }]);
    await systemClock.wait(20);
    expect(await connector.find(document, never())).toEqual({ outcome: 'REJECTED', code: 'JOB_FAILED', message: 'The job failed on request.' });
    expect(await ask(sandbox.url, '/erp/stats')).toMatchObject({ documents: 0 });
  });

  test.each([
    ['/settings', { backend: 'erp', jobs: true }], ['/settings', { backend: 'erp', jobs: { delayMs: -1, fails: false } }], ['/settings', { backend: 'erp', jobs: { delayMs: null } }],
    ['/jobs', { backend: 'erp', end: 'perhaps' }], ['/jobs', { end: 'book' }],
    ['/faults', { backend: 'erp', fault: 'linesMissing', on: 'post' }], ['/faults', { backend: 'erp', fault: 'cut', skip: -1 }],
    ['/erp/batches', { documents: [] }], ['/erp/batches', { documents: [7] }], ['/erp/batches', []],
  ])('%s refuses %j', async (path, body) => {
    await expect(ask(sandbox.url, path, body)).rejects.toThrow('400');
  });
});

/** A connector to a server that answers as told, and the paths that were asked. */
async function against(answer: RequestListener): Promise<{ connector: Connector; paths: string[]; url: string; close(): Promise<void> }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connector = sandboxConnector({ url, backend: 'erp' });
  const close = async () => {
    await connector.close!();
    await new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections()));
  };
  return { connector, paths, url, close };
}

describe('a submission that the backend has had before', () => {
  const document = erp.payment('pay_1', 5n, null);
  const about = { externalId: 'pay_1', kind: 'payment', version: 1 };

  test.each`
    job                                                              | answer
    ${[202, { ...about, code: 'ACCEPTED', job: 'job-1' }]}           | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ACCEPTED', retryAfterMs: 4_000 }}
    ${[200, { ...about, reference: 'ERP-1', number: 'N-1' }]}        | ${{ outcome: 'POSTED', reference: 'ERP-1', number: 'N-1' }}
    ${[200, { ...about, job: { state: 'failed', code: 'PERIOD_CLOSED', message: 'closed' } }]} | ${{ outcome: 'REJECTED', code: 'PERIOD_CLOSED', message: 'closed' }}
    ${[200, { ...about, externalId: 'pay_2', reference: 'ERP-1' }]}  | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ANSWER_UNREADABLE' }}
    ${[200, { ...about, version: 2, job: { state: 'failed', code: 'NO', message: 'no' } }]} | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ANSWER_UNREADABLE' }}
    ${[202, { ...about, externalId: 'pay_2', code: 'ACCEPTED' }]}    | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ANSWER_UNREADABLE' }}
    ${[404, { code: 'NOT_FOUND', externalId: 'pay_1' }]}             | ${{ outcome: 'UNCERTAIN', sent: true, code: 'ACCEPTED' }}
    ${[500, {}]}                                                     | ${{ outcome: 'UNCERTAIN', sent: true, code: 'HTTP_500' }}
    ${[401, {}]}                                                     | ${{ outcome: 'UNCERTAIN', sent: true, code: 'UNAUTHORIZED' }}
  `('is asked for at its place: $job is $answer', async ({ job: [status, body], answer }) => {
    const { connector, paths, close } = await against((request, response) => {
      if (request.method === 'POST') return response.writeHead(400, { location: '/erp/jobs/job-1' }).end(CONFLICT);
      return response.writeHead(status, { 'retry-after': '4' }).end(JSON.stringify(body));
    });
    expect(await connector.post(document, never())).toMatchObject(answer);
    expect(paths).toEqual(['POST /erp/documents', 'GET /erp/jobs/job-1']);
    await close();
  });

  test.each(['http://elsewhere.example/erp/jobs/job-1', '//elsewhere.example/erp/jobs/1', '/erp/jobs/../../faults', '/billing/jobs/job-1', '/erp/jobs/', undefined])(
    'a place at %s is not asked', async (location) => {
      const { connector, paths, close } = await against((_, response) => response.writeHead(400, location === undefined ? {} : { location }).end(CONFLICT));
      expect(await connector.post(document, never())).toMatchObject({ outcome: 'UNCERTAIN', sent: true, code: 'ACCEPTED' });
      expect(paths).toEqual(['POST /erp/documents']);
      await close();
    });

  test('a place at the same address may be told in full', async () => {
    const { connector, paths, url, close } = await against((request, response) =>
      (request.method === 'POST' ? response.writeHead(400, { location: `${url}/erp/jobs/job-1` }).end(CONFLICT) : response.end(JSON.stringify({ ...about, reference: 'R' }))));
    expect(await connector.post(document, never())).toMatchObject({ outcome: 'POSTED' });
    expect(paths).toHaveLength(2);
    await close();
  });
});
