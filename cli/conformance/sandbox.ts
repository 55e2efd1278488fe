import type { Backend, Lie, Subject } from '../../connectors/conformance/subject';
import { sandboxConnector } from '../../connectors/sandbox/connector';
import { startSandbox } from '../../connectors/sandbox/server';
import { ANSWER_BYTES_MAX } from '../../connectors/sandbox/wire';
import { decimalOf } from '../../connectors/conformance/documents';
import { systemClock } from '../../sync/clock';
import { effectiveDateOf, type InvoiceDocument, type PaymentDocument, type PostingDocument } from '../../sync/documents';

const CARELESS = 'The backend books every repeat on purpose; what protects is the look-up before a resend.';

/** The ERP of the sandbox: as careless as a backend can be, or one that knows its external ids. */
export function sandboxSubject(dedupe: boolean): Subject {
  const careless = { 'the same document sent again without a look-up': CARELESS, 'each request delivered twice': CARELESS };
  return {
    name: dedupe ? 'sandbox (deduping)' : 'sandbox',
    connector: 'sandbox',
    lacks: dedupe ? {} : careless,
    available: () => true,
    open: () => open(dedupe),
  };
}

interface Found {
  count: number;
  postingDate: string | null;
  body: PostingDocument['body'];
}

async function open(dedupe: boolean): Promise<Backend> {
  const sandbox = await startSandbox({ clock: systemClock, dedupe: dedupe ? ['erp'] : [] });
  await setting(sandbox.url, { backend: 'erp', closedThrough: '2019-12-31' });
  await setting(sandbox.url, { backend: 'erp', accounts: ['4000', '4010'] });
  const look = async ({ tenantId, externalId, kind }: PostingDocument): Promise<Found | undefined> => {
    const answer = await fetch(`${sandbox.url}/erp/documents/${externalId}?kind=${kind}`, { headers: { 'x-tenant': tenantId } });
    return answer.ok ? ((await answer.json()) as Found) : undefined;
  };
  return {
    url: sandbox.url,
    connect: (url) => sandboxConnector({ url, backend: 'erp' }),
    entity: { code: 'CONFORMANCE-EUR', currency: 'EUR' },
    noDecimals: { code: 'CONFORMANCE-JPY', currency: 'JPY' },
    threeDecimals: { code: 'CONFORMANCE-KWD', currency: 'KWD' },
    closedDate: '2019-01-31',
    openFrom: '2020-01-01',
    dates: async (document) => datesOf((await look(document))!),
    count: async (document) => (await look(document))?.count ?? 0,
    content: async (document) => contentOf((await look(document))?.body),
    commits: ({ method }) => method === 'POST',
    lies: LIES,
    jobs: {
      accept: (delayMs) => setting(sandbox.url, { backend: 'erp', jobs: { delayMs, fails: false } }),
      end: (end) => knob(sandbox.url, '/jobs', { backend: 'erp', end }),
      atOnce: () => setting(sandbox.url, { backend: 'erp', jobs: null }),
    },
    batchTroubles: BATCH_TROUBLES.map(([about, fault]) => ({ about, arm: () => knob(sandbox.url, '/faults', { backend: 'erp', count: 1, ...fault }) })),
    secrets: [],
    answerBytesMax: ANSWER_BYTES_MAX,
    close: () => sandbox.close(),
  };
}

function datesOf(found: Found): { effective: string; posting: string } {
  const effective = effectiveDateOf(found)!;
  return { effective, posting: found.postingDate ?? effective };
}

const setting = (url: string, body: object) => knob(url, '/settings', body);

async function knob(url: string, path: string, body: object): Promise<void> {
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`the sandbox does not take ${JSON.stringify(body)}: ${await answer.text()}`);
}

const BATCH_TROUBLES = [
  ['the connection is cut after half of the lines', { fault: 'cut', skip: 3 }],
  ['it hangs at the third line', { fault: 'hang', skip: 2 }],
  ['all is booked and the answer too late', { fault: 'slow', on: 'batch', delayMs: 5_000 }],
  ['one line is a 500, and not booked', { fault: 'errorBeforeCommit', skip: 2 }],
  ['one line is a 500, and booked', { fault: 'errorAfterCommit', skip: 1 }],
  ['one line is half an answer', { fault: 'garbage', skip: 1 }],
  ['one line asks for a pause', { fault: 'tooMany', on: 'post', skip: 1, retryAfterSeconds: 7 }],
  ['one line is refused on request', { fault: 'reject', skip: 1 }],
  ['half of the lines are missing', { fault: 'linesMissing' }],
  ['the lines are in another order', { fault: 'linesReordered' }],
  ['each line comes twice', { fault: 'linesDoubled' }],
  ['the lines name other documents', { fault: 'linesLying' }],
] as const;

function contentOf(body: PostingDocument['body'] | undefined): { texts: string[]; total?: string } {
  if (!body) return { texts: [] };
  if ('name' in body) return { texts: [body.name] };
  const { lines = [] } = body as Partial<InvoiceDocument>;
  const { currency, totalMinor = '0', amountMinor = totalMinor } = body as InvoiceDocument & Partial<PaymentDocument>;
  return { texts: lines.map(({ description }) => description), total: decimalOf(amountMinor, currency) };
}

const saying = (more: object): Lie['text'] => ({ text }) => JSON.stringify({ ...(JSON.parse(text) as object), ...more });

const LIES: Lie[] = [
  { about: 'another external id', told: () => true, text: saying({ externalId: 'inv_other', reference: 'ERP-999999' }) },
  { about: 'no reference', told: () => true, text: saying({ reference: '' }) },
  { about: 'a reference that is no text', told: () => true, text: saying({ reference: 7 }) },
];
