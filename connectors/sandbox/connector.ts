import { systemClock, type Clock } from '../../sync/clock';
import type { Backend, PostingDocument } from '../../sync/documents';
import type { Answer, Connector } from '../connector';
import { accepted, isSubmitted, readFind, readPost } from './answers';
import { DOCUMENTS_PER_BATCH_MAX, postBatches } from './batch';
import { exchange, headersOf, openWire, type Ask, type Course, type Told } from './wire';

const SILENCE_MS = 30_000;

export interface SandboxConnectorOptions {
  url: string;
  backend: Backend;
  /** Only a `Retry-After` given as a date needs it. */
  clock?: Clock;
}

/** Posts documents to one backend of a sandbox over kept-alive HTTP. */
export function sandboxConnector({ url, backend, clock = systemClock }: SandboxConnectorOptions): Connector {
  const wire = openWire(url, SILENCE_MS);
  return {
    name: `sandbox-${backend}`,
    async post(document, signal) {
      const told = await exchange(wire, postAsk(backend, document), signal);
      if ('outcome' in told) return told;
      return isSubmitted(told) ? earlierJob({ wire, backend, clock, signal }, document, told) : readPost(told, document, clock.nowMs());
    },
    batch: {
      documentsMax: DOCUMENTS_PER_BATCH_MAX,
      post: (documents, signal) => postBatches({ wire, backend, clock, signal }, documents),
    },
    async find(document, signal) {
      const told = await exchange(wire, findAsk(backend, document), signal);
      return 'outcome' in told ? { ...told, sent: true } : readFind(told, document, clock.nowMs());
    },
    async close() {
      wire.agent.destroy();
    },
  };
}

/** The document was submitted before: what has become of that job, if the place the backend names can be read. */
async function earlierJob({ wire, backend, clock, signal }: Course, document: PostingDocument, { location }: Told): Promise<Answer> {
  const path = location?.startsWith(wire.base.origin) ? location.slice(wire.base.origin.length) : (location ?? '');
  if (!new RegExp(`^/${backend}/jobs/[\\w-]{1,64}$`).test(path)) return accepted(undefined);
  const told = await exchange(wire, { method: 'GET', path, headers: headersOf(document), body: '' }, signal);
  const found = 'outcome' in told ? told : readFind(told, document, clock.nowMs());
  return found.outcome === 'ABSENT' ? accepted(undefined) : found.outcome === 'UNCERTAIN' ? { ...found, sent: true } : found;
}

function postAsk(backend: Backend, document: PostingDocument): Ask {
  const body = JSON.stringify(document);
  const headers = { ...headersOf(document), 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { method: 'POST', path: `/${backend}/documents`, headers, body };
}

function findAsk(backend: Backend, document: PostingDocument): Ask {
  const path = `/${backend}/documents/${encodeURIComponent(document.externalId)}?kind=${document.kind}&version=${document.version}`;
  return { method: 'GET', path, headers: headersOf(document), body: '' };
}
