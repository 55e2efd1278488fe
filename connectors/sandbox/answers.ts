/** Reading what the sandbox sends: nothing in it is believed before it was checked against the document. */
import { UPSERT_KINDS, type PostingDocument } from '../../sync/documents';
import { ACCEPTED, readRetryAfter, redactedQuote } from '../../sync/replies';
import type { Answer, Finding, Posted, Rejected, Uncertain } from '../connector';
import { failure, type Told } from './wire';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What the sandbox says of a document; every field is checked before it counts. */
interface Said {
  externalId?: unknown;
  kind?: unknown;
  reference?: unknown;
  number?: unknown;
  taxes?: unknown;
  version?: unknown;
  code?: unknown;
  message?: unknown;
  openFrom?: unknown;
  job?: unknown;
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
  if (told.status === 202) return acceptedHere(said, document) ? accepted(waitOf(told, nowMs)) : unreadable(told);
  if (isSubmitted(told)) return accepted(waitOf(told, nowMs));
  if (told.status < 400) return unreadable(told);
  return rejected(said, told);
}

function rejected({ code, message, openFrom }: Said, { status, text }: Told): Rejected {
  return {
    outcome: 'REJECTED',
    code: typeof code === 'string' ? code : `HTTP_${status}`,
    message: typeof message === 'string' ? message : redactedQuote(text),
    ...(typeof openFrom === 'string' && DAY.test(openFrom) ? { openFrom } : {}),
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
  if (told.status === 202 && said && acceptedHere(said, document)) return accepted(waitOf(told, nowMs));
  const found = told.status === 200 && said ? (failedJob(said, { told, document }) ?? posted(said, document)) : undefined;
  if (!found) return unreadable(told);
  if (found.outcome === 'REJECTED' || !UPSERT_KINDS.has(document.kind)) return found;
  if (typeof said?.version !== 'number') return unreadable(told);
  return said.version >= document.version ? found : { outcome: 'ABSENT' };
}

/** The backend has taken the document, and will book it or fail later: a look-up tells. */
export function accepted(retryAfterMs: number | undefined): Uncertain {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { ...failure(ACCEPTED, { message: 'The backend has accepted the document and has not booked it yet.', sent: true }), ...wait };
}

const waitOf = ({ retryAfter }: Told, nowMs: number) => readRetryAfter(retryAfter, nowMs);

/** HTTP 400 "Conflict" to a submission that is repeated, as NetSuite's asynchronous jobs answer it. */
export function isSubmitted({ status, text }: Told): boolean {
  if (status !== 400) return false;
  const details = (parse(text) as { 'o:errorDetails'?: unknown } | undefined)?.['o:errorDetails'];
  return Array.isArray(details) && details.some((detail) => (Object(detail) as Record<string, unknown>)['o:errorCode'] === 'IDEMPOTENCY_ERROR');
}

const isAbout = (said: Said, { externalId, kind, version }: PostingDocument) =>
  said.externalId === externalId && said.kind === kind && said.version === version;

const acceptedHere = (said: Said, document: PostingDocument) => said.code === 'ACCEPTED' && isAbout(said, document);

/** The job that took the document has failed; sending it again changes nothing. */
function failedJob(said: Said, { told, document }: { told: Told; document: PostingDocument }): Rejected | undefined {
  const job = Object(said.job) as Said & { state?: unknown };
  return job.state === 'failed' && typeof job.code === 'string' && isAbout(said, document) ? rejected(job, told) : undefined;
}

/** Answers that say nothing about the document itself. */
export function readTrouble({ status, retryAfter, text }: Told, nowMs: number): Uncertain | undefined {
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
function posted({ externalId, reference, number, taxes }: Said, document: PostingDocument): Posted | undefined {
  if (externalId !== document.externalId || typeof reference !== 'string' || reference === '') return undefined;
  return { outcome: 'POSTED', reference, ...(typeof number === 'string' ? { number } : {}), ...(isTaxes(taxes) ? { taxes } : {}) };
}

const isTaxes = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((minor) => typeof minor === 'string' && /^-?\d{1,18}$/.test(minor));

export function parse(text: string): Said | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export function unreadable({ status, text }: Told): Uncertain {
  return failure('ANSWER_UNREADABLE', { message: `HTTP ${status} with an answer that settles nothing: ${redactedQuote(text)}`, sent: true });
}
