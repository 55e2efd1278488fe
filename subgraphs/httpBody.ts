import type { IncomingMessage, ServerResponse } from 'node:http';

/** Largest request body, in bytes: a bank statement travels as a string in JSON. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** A request refused before GraphQL sees it. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'HttpRefusal';
  }
}

/** Reads and parses a JSON body. Throws HttpRefusal: 415 for another content type, 413 past the limit, 400 for what is no JSON. */
export async function readJson(request: IncomingMessage, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  if (!/^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(request.headers['content-type'] ?? '')) {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.');
  }
  const text = (await readBytes(request, bytesMax)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is not JSON.');
  }
}

/** Reads a body of at most so many bytes. Throws HttpRefusal: 413 past the limit, 400 for one that breaks off. */
export async function readBytes(request: IncomingMessage, bytesMax = BODY_BYTES_MAX): Promise<Buffer> {
  const tooLarge = () => new HttpRefusal(413, 'BODY_TOO_LARGE', `The body is larger than ${bytesMax} bytes.`, { connection: 'close' });
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body broke off.');
  }
  if (bytes > bytesMax) throw tooLarge();
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
}

/** Answers with JSON; does nothing if the client has gone. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.writableEnded || response.destroyed) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.statusCode = status;
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

/** Answers in GraphQL's error shape. */
export function sendRefusal(response: ServerResponse, { status, code, message, headers }: HttpRefusal, correlationId?: string): void {
  for (const [name, value] of Object.entries(headers)) if (!response.headersSent) response.setHeader(name, value);
  sendJson(response, status, { errors: [{ message, extensions: { code, ...(correlationId && { correlationId }) } }] });
}
