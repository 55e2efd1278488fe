import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { Answer } from './answer';

/** A comment goes out this often, so that proxies keep the connection. */
export const KEEP_ALIVE_MS = 12_000;
/** After so many events at a stretch others get their turn: a feed that always has more would otherwise hold the process. */
export const EVENTS_PER_TURN = 16;

/**
 * Sends events in GraphQL over SSE's distinct connections mode: `next` for each result, then `complete`. An event that selects
 * `cursor` directly under its field has it as its `id`, so that a browser's event source resumes there by `Last-Event-ID`.
 */
export async function sendEvents(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.write(':\n\n'); // some clients wait for the first byte
  request.socket.setNoDelay(true);
  const keepAlive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
  const events = Symbol.asyncIterator in answer ? answer : undefined;
  response.once('close', () => {
    clearInterval(keepAlive);
    void events?.return?.().catch(() => undefined);
  });
  try {
    if (!events) return await write(response, eventOf(answer as ExecutionResult));
    let sent = 0;
    for (let step = await events.next(); !step.done && !response.destroyed; step = await events.next()) {
      await write(response, eventOf(step.value));
      if (++sent % EVENTS_PER_TURN === 0) await turn();
    }
  } finally {
    clearInterval(keepAlive);
    if (!response.destroyed) response.end('event: complete\ndata:\n\n');
  }
}

async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  const gone = new AbortController();
  const abort = () => gone.abort();
  response.once('close', abort);
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', abort);
}

function eventOf(result: ExecutionResult): string {
  const [payload] = Object.values(result.data ?? {}) as { cursor?: unknown }[];
  const cursor = payload?.cursor;
  const id = typeof cursor === 'string' && !/[\r\n\0]/.test(cursor) ? `id: ${cursor}\n` : '';
  return `${id}event: next\ndata: ${JSON.stringify(result)}\n\n`;
}
