/** Reading what Tryton's server sends: nothing in it is believed before its shape was looked at. */
import { readRetryAfter, redactedQuote } from '../../sync/replies';
import { TrytonFault, TrytonRefusal, TrytonUnreachable, TrytonWarning } from './faults';
import type { Id, Row } from './values';

export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
/** Said of a connection that does not come about, and of one that has carried a request. */
const NOT_SENT_IF_CONNECTING = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** An answer as it came, without our own secrets. */
export interface Told {
  status: number;
  text: string;
  /** A short piece of it that may be shown. */
  quote: () => string;
}

/** Reads at most `ANSWER_BYTES_MAX`; `hide` takes our secrets out of what may be quoted. */
export async function readAnswer(response: Response, hide: (text: string) => string): Promise<Told> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const text = () => Buffer.concat(chunks).toString('utf8');
  const quote = () => redactedQuote(hide(Buffer.concat(chunks).toString('utf8', 0, 4_000)));
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    chunks.push(chunk as Uint8Array);
    if (bytes > ANSWER_BYTES_MAX) {
      throw new TrytonUnreachable(true, 'ERP_ANSWER_TOO_LARGE', `Tryton answered with more than ${ANSWER_BYTES_MAX} bytes: ${quote()}`);
    }
  }
  return { status: response.status, text: text(), quote };
}

/**
 * The pause that an overloaded server asks for; undefined when it asks for none. 429 is said before the work. 503 is also what a
 * proxy answers, with `Retry-After` of its own, when it lost a server that had begun.
 */
export async function busyOf(response: Response, nowMs: number): Promise<TrytonUnreachable | undefined> {
  const { status } = response;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), nowMs);
  if (status !== 429 && !(status >= 500 && retryAfterMs !== undefined)) return undefined;
  await response.body?.cancel();
  const busy = new TrytonUnreachable(status !== 429, 'ERP_BUSY', `Tryton asks for a pause (HTTP ${status}).`);
  return Object.assign(busy, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The same failure when it hit only the login: nothing of the document was sent. */
export function unsent({ code, message, retryAfterMs }: TrytonUnreachable): TrytonUnreachable {
  return Object.assign(new TrytonUnreachable(false, code, message), retryAfterMs === undefined ? {} : { retryAfterMs });
}

export function unreachable(error: unknown, signal?: AbortSignal): TrytonUnreachable {
  const { code = '', syscall } = (error as { cause?: { code?: string; syscall?: string } }).cause ?? {};
  if (NOT_SENT.has(code) || (syscall === 'connect' && NOT_SENT_IF_CONNECTING.has(code))) return new TrytonUnreachable(false, 'ERP_DOWN', 'Tryton cannot be reached.');
  if (signal?.aborted) return new TrytonUnreachable(true, 'ERP_TIMEOUT', 'Tryton did not answer in time.');
  return new TrytonUnreachable(true, 'ERP_CUT', 'The connection to Tryton was cut.');
}

/** A well-formed answer that cannot be true, or is none to what was asked. */
export const odd = (message: string) => new TrytonUnreachable(true, 'ERP_ANSWER_ODD', message);

/** Takes the result out of an answer, or throws what its error means. */
export function resultOf({ status, text, quote }: Told): unknown {
  if (status === 403 || status === 404) throw new TrytonRefusal(`Tryton does not offer this call (HTTP ${status}): ${quote()}`);
  if (status !== 200) throw new TrytonUnreachable(true, 'ERP_HTTP', `Tryton answered with HTTP ${status}: ${quote()}`);
  let answer: { result?: unknown; error?: unknown };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    throw new TrytonUnreachable(true, 'ERP_NOT_JSON', `Tryton answered with something else than JSON: ${quote()}`);
  }
  if (answer === null || typeof answer !== 'object') throw odd(`Tryton answered with no object: ${quote()}`);
  if ('error' in answer) throw errorOf(answer.error, quote);
  if (!('result' in answer)) throw odd(`Tryton answered with neither result nor error: ${quote()}`);
  return answer.result;
}

/** `["UserError", [message, description, domain]]`, `["UserWarning", [key, message, …]]`, or `[text, details]` for the rest. */
function errorOf(error: unknown, quote: () => string): Error {
  if (!Array.isArray(error) || typeof error[0] !== 'string') return odd(`Tryton answered with an error of no known shape: ${quote()}`);
  const [name, details] = error as [string, unknown];
  const parts = Array.isArray(details) ? details.map(String) : [];
  // the third part of a UserError is the record's whole domain: large, and full of what is nobody's business
  if (name === 'UserError' && parts[0]) return new TrytonRefusal([parts[0], parts[1]].filter(Boolean).join(' '));
  if (name === 'UserWarning' && parts[0]) return new TrytonWarning(parts[0], parts[1] ?? '');
  return new TrytonFault(name + (typeof details === 'string' && name === 'ConcurrencyException' ? ` ${details}` : ''));
}

const shown = (value: unknown) => redactedQuote(JSON.stringify(value) ?? 'nothing');

/** Records with every field that was asked for. */
export function rowsOf(result: unknown, fields: readonly string[]): Row[] {
  const has = (row: Row, field: string) => (field.includes('.') ? `${field.split('.')[0]!}.` : field) in row;
  const isRow = (row: unknown): row is Row => isObject(row) && isId(row['id']) && fields.every((field) => has(row as Row, field));
  if (Array.isArray(result) && result.every(isRow)) return result;
  throw odd(`Tryton answered with other records than were asked for: ${shown(result)}`);
}

/** The answer to a search, each record of which must fit the plain equations of the domain. */
export function foundOf(result: unknown, domain: readonly unknown[], fields: readonly string[]): Row[] {
  const rows = rowsOf(result, fields);
  const wrong = rows.find((row) => equationsOf(domain).some(([field, value]) => row[field] !== value));
  if (wrong) throw odd(`Tryton answered a search with a record that does not fit it: ${shown(wrong)}`);
  return rows;
}

/** Those clauses of a domain that say what a field of the record itself is equal to. */
export function equationsOf(domain: readonly unknown[]): [string, unknown][] {
  const clauses = domain as [string, string, unknown][];
  return clauses.filter(([field, operator, value]) => operator === '=' && !field.includes('.') && !isObject(value)).map(([field, , value]) => [field, value]);
}

/** The answer to a reading of records by id: these and no others, in any order. */
export function readOf(result: unknown, ids: readonly Id[], fields: readonly string[]): Row[] {
  const rows = rowsOf(result, fields);
  const asked = new Set(ids);
  if (rows.length === asked.size && rows.every(({ id }) => asked.has(id))) return rows;
  throw odd(`Tryton answered with other records than were read: ${shown(rows.map(({ id }) => id))}`);
}

export function createdOf(result: unknown): Id {
  const [id, ...more] = Array.isArray(result) ? (result as unknown[]) : [];
  if (!isId(id) || more.length > 0) throw odd(`Tryton answered a creation with ${shown(result)}`);
  return id;
}

/** A session of a wizard and the name of its first state. */
export function wizardOf(result: unknown): [Id, string] {
  const [session, start] = Array.isArray(result) ? (result as unknown[]) : [];
  if (!isId(session) || typeof start !== 'string') throw odd(`Tryton answered a wizard with ${shown(result)}`);
  return [session, start];
}

export function objectOf(result: unknown): Record<string, unknown> {
  if (!isObject(result)) throw odd(`Tryton answered with ${shown(result)}`);
  return result;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is Id => Number.isSafeInteger(value) && (value as number) > 0;

/** The promise, or an end as soon as the signal aborts: for what other callers wait for too. */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal | undefined, sent: boolean): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(new TrytonUnreachable(sent, 'ERP_TIMEOUT', 'The time was up before Tryton had answered.'));
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abandon));
    if (signal?.aborted) return abandon();
    signal?.addEventListener('abort', abandon, { once: true });
  });
}
