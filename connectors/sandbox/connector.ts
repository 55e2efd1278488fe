import { systemClock, type Clock } from '../../sync/clock';
import { UPSERT_KINDS, type Backend, type PostingDocument } from '../../sync/documents';
import { readRetryAfter, redactedQuote } from '../../sync/replies';
import type { Answer, Connector, Finding, Posted, Uncertain } from '../connector';
import { exchange, failure, openWire, type Ask, type Told } from './wire';

const SILENCE_MS = 30_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export interface SandboxConnectorOptions {
  url: string;
  backend: Backend;
  /** Only a `Retry-After` given as a date needs it. */
  clock?: Clock;
}

/** What the sandbox says of a document; every field is checked before it counts. */
interface Said {
  externalId?: unknown;
  reference?: unknown;
  number?: unknown;
  version?: unknown;
  code?: unknown;
  message?: unknown;
  openFrom?: unknown;
}

/** Posts documents to one backend of a sandbox over kept-alive HTTP. */
export function sandboxConnector({ url, backend, clock = systemClock }: SandboxConnectorOptions): Connector {
  const wire = openWire(url, SILENCE_MS);
  return {
    name: `sandbox-${backend}`,
    async post(document, signal) {
      const told = await exchange(wire, postAsk(backend, document), signal);
      return 'outcome' in told ? told : readPost(told, document, clock.nowMs());
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

function postAsk(backend: Backend, document: PostingDocument): Ask {
  const body = JSON.stringify(document);
  const headers = { ...headersOf(document), 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { method: 'POST', path: `/${backend}/documents`, headers, body };
}

function findAsk(backend: Backend, document: PostingDocument): Ask {
  const path = `/${backend}/documents/${encodeURIComponent(document.externalId)}?kind=${document.kind}`;
  return { method: 'GET', path, headers: headersOf(document), body: '' };
}

function headersOf({ tenantId, correlationId }: PostingDocument): Record<string, string> {
  return { 'x-tenant': tenantId, 'x-correlation-id': correlationId, accept: 'application/json' };
}

/** What an HTTP answer to a post means. */
export function readPost(told: Told, document: PostingDocument, nowMs: number): Answer {
  const trouble = readTrouble(told, nowMs);
  if (trouble) return trouble;
  const said = parse(told.text);
  if (!said) return unreadable(told);
  if (told.status === 200 || told.status === 201 || (told.status === 409 && said.code === 'STALE_VERSION')) {
    return posted(said, document) ?? unreadable(told);
  }
  if (told.status < 400) return unreadable(told);
  return {
    outcome: 'REJECTED',
    code: typeof said.code === 'string' ? said.code : `HTTP_${told.status}`,
    message: typeof said.message === 'string' ? said.message : redactedQuote(told.text),
    ...(typeof said.openFrom === 'string' && DAY.test(said.openFrom) ? { openFrom: said.openFrom } : {}),
  };
}

/**
 * What an HTTP answer to a look-up means. An UNCERTAIN look-up always says `sent`, because it proves nothing about the
 * document: only ABSENT allows another post.
 */
export function readFind(told: Told, document: PostingDocument, nowMs: number): Finding {
  const trouble = readTrouble(told, nowMs);
  if (trouble) return { ...trouble, sent: true };
  const said = parse(told.text);
  if (told.status === 404 && said?.code === 'NOT_FOUND' && said.externalId === document.externalId) return { outcome: 'ABSENT' };
  const found = told.status === 200 && said ? posted(said, document) : undefined;
  if (!found) return unreadable(told);
  if (!UPSERT_KINDS.has(document.kind)) return found;
  if (typeof said?.version !== 'number') return unreadable(told);
  return said.version >= document.version ? found : { outcome: 'ABSENT' };
}

/** Answers that say nothing about the document itself. */
function readTrouble({ status, retryAfter, text }: Told, nowMs: number): Uncertain | undefined {
  const retryAfterMs = readRetryAfter(retryAfter, nowMs);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) return { ...failure('BUSY', { message: 'The backend asks for a pause (HTTP 429).', sent: false }), ...wait };
  if (status === 401 || status === 403) return failure('UNAUTHORIZED', { message: `The backend does not let us in (HTTP ${status}).`, sent: false });
  if (status >= 500 || status === 408) {
    return { ...failure(`HTTP_${status}`, { message: `HTTP ${status}: ${redactedQuote(text)}`, sent: true }), ...wait };
  }
  return undefined;
}

/** POSTED, if the answer names the very document that was sent. */
function posted({ externalId, reference, number }: Said, document: PostingDocument): Posted | undefined {
  if (externalId !== document.externalId || typeof reference !== 'string' || reference === '') return undefined;
  return { outcome: 'POSTED', reference, ...(typeof number === 'string' ? { number } : {}) };
}

function parse(text: string): Said | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function unreadable({ status, text }: Told): Uncertain {
  return failure('ANSWER_UNREADABLE', { message: `HTTP ${status} with an answer that settles nothing: ${redactedQuote(text)}`, sent: true });
}
