import { Agent, request, type IncomingMessage } from 'node:http';
import type { Clock } from '../../sync/clock';
import type { Backend, PostingDocument } from '../../sync/documents';
import { redactedQuote } from '../../sync/replies';
import type { Uncertain } from '../connector';

export const ANSWER_BYTES_MAX = 1_048_576;
const SOCKETS_MAX = 64;
const FREE_SOCKETS_MAX = 16;

/** One HTTP request to a backend. */
export interface Ask {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A whole HTTP answer, of whatever status. */
export interface Told {
  status: number;
  retryAfter: string | null;
  location: string | null;
  text: string;
}

/** A keep-alive way to one server. */
export interface Wire {
  base: URL;
  agent: Agent;
  /** Milliseconds without a byte after which the exchange is given up. */
  silenceMs: number;
}

/** Where and for how long a connector speaks. */
export interface Course {
  wire: Wire;
  backend: Backend;
  clock: Clock;
  signal: AbortSignal;
}

export function openWire(url: string, silenceMs: number): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: FREE_SOCKETS_MAX, scheduling: 'lifo' });
  return { base: new URL(url), agent, silenceMs };
}

/**
 * Sends and reads one answer. It never throws: without a whole answer it says UNCERTAIN, and `sent` is false only when no
 * connection to the server had come about.
 */
export function exchange(wire: Wire, ask: Ask, signal: AbortSignal): Promise<Told | Uncertain> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(failure(abortCode(signal), { message: 'Given up before sending.', sent: false }));
    const { base, agent } = wire;
    let reached = false;
    const fail = (error: NodeJS.ErrnoException) => resolve(failureOf(error, { reached, signal }));
    const call = request({
      protocol: base.protocol, host: base.hostname, port: base.port, agent, signal,
      method: ask.method, path: base.pathname.replace(/\/$/, '') + ask.path, headers: ask.headers,
    });
    call.setTimeout(wire.silenceMs, () => call.destroy(Object.assign(new Error('No byte for too long.'), { code: 'ETIMEDOUT' })));
    call.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => (reached = true));
      else reached = true;
    });
    call.once('response', (answer) => readAnswer(answer, resolve, fail));
    call.on('error', fail);
    call.end(ask.body);
  });
}

function readAnswer(answer: IncomingMessage, resolve: (told: Told | Uncertain) => void, fail: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= ANSWER_BYTES_MAX) return;
    const quote = redactedQuote(Buffer.concat(chunks).toString('utf8', 0, 1_000));
    resolve(failure('ANSWER_TOO_LONG', { message: `An answer of more than ${ANSWER_BYTES_MAX} bytes: ${quote}`, sent: true }));
    answer.destroy();
  });
  answer.once('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] ?? null, location: answer.headers.location ?? null, text });
  });
  answer.once('error', fail);
  answer.once('close', () => fail(Object.assign(new Error('The answer breaks off.'), { code: 'ECONNRESET' })));
}

function failureOf(error: NodeJS.ErrnoException, { reached, signal }: { reached: boolean; signal: AbortSignal }): Uncertain {
  if (signal.aborted) return failure(abortCode(signal), { message: 'No answer before the call was given up.', sent: reached });
  if (error.code === 'ETIMEDOUT') return failure('TIMEOUT', { message: 'No answer in time.', sent: reached });
  if (!reached) return failure('UNREACHABLE', { message: `No connection came about (${error.code ?? 'unknown'}).`, sent: false });
  return failure('CONNECTION_CUT', { message: `The connection broke before a whole answer (${error.code ?? 'unknown'}).`, sent: true });
}

function abortCode(signal: AbortSignal): string {
  return (signal.reason as { name?: string } | undefined)?.name === 'TimeoutError' ? 'TIMEOUT' : 'ABORTED';
}

/** An UNCERTAIN answer. */
export function failure(code: string, { message, sent }: { message: string; sent: boolean }): Uncertain {
  return { outcome: 'UNCERTAIN', sent, code, message };
}

export function headersOf({ tenantId, correlationId }: PostingDocument): Record<string, string> {
  return { 'x-tenant': tenantId, 'x-correlation-id': correlationId, accept: 'application/json' };
}
