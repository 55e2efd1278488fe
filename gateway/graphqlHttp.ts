import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, OperationTypeNode } from 'graphql';
import { HttpRefusal, readJson, sendJson } from '../subgraphs/httpBody';
import { type Asked, type Answer, type House, type Params, check, run } from './answer';
import { sendEvents } from './sse';

const JSON_TYPE = 'application/json';
const RESPONSE_TYPE = 'application/graphql-response+json';
const EVENTS_TYPE = 'text/event-stream';

/** Query strings longer than this are refused: POST them. */
export const QUERY_STRING_CHARACTERS_MAX = 16_384;

/**
 * GraphQL over HTTP: POST with JSON, GET for queries, server-sent events for those who accept them.
 * Throws HttpRefusal for what is no well-formed request; `asked` says who was admitted.
 */
export async function answerHttp(house: House & { bodyBytesMax: number }, asked: Asked, { request, response }: Exchange): Promise<void> {
  const accepted = negotiate(request.headers.accept);
  const params = await readParams(request, house.bodyBytesMax);
  const { document, operation, refused } = check(house, asked, params);
  let answer: Answer;
  if (refused) answer = refused;
  else if (request.method === 'GET' && operation === OperationTypeNode.MUTATION) {
    throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Mutations need POST.', { allow: 'POST' });
  } else if (operation === OperationTypeNode.SUBSCRIPTION && !accepted.events) {
    throw new HttpRefusal(406, 'NOT_ACCEPTABLE', `Subscriptions need the header "Accept: ${EVENTS_TYPE}", or a WebSocket.`);
  } else answer = await run(house, asked, { ...params, document: document!, operation: operation! });
  const type = Symbol.asyncIterator in answer ? undefined : accepted.result;
  if (!type) return sendEvents(request, response, answer);
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('cache-control', 'no-store');
  sendJson(response, statusOf(answer as ExecutionResult, type), answer);
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** GraphQL over HTTP: under application/json an answered request is 200; the newer type says 400 when nothing was run. */
function statusOf(result: ExecutionResult, type: string): number {
  return type === RESPONSE_TYPE && !('data' in result) ? 400 : 200;
}

/** Many clients accept everything at once: results go as JSON where they may, and as events only where they must. */
function negotiate(accept: string | undefined): { result: string | undefined; events: boolean } {
  const asked = (accept ?? '*/*').toLowerCase().split(',').map((range) => range.split(';')[0]!.trim());
  const events = asked.includes(EVENTS_TYPE);
  if (asked.includes(RESPONSE_TYPE)) return { result: RESPONSE_TYPE, events };
  const takesJson = asked.some((type) => type === JSON_TYPE || type === '*/*' || type === 'application/*');
  if (takesJson || events) return { result: takesJson ? JSON_TYPE : undefined, events };
  throw new HttpRefusal(406, 'NOT_ACCEPTABLE', `Accept ${JSON_TYPE}, ${RESPONSE_TYPE} or ${EVENTS_TYPE}.`);
}

async function readParams(request: IncomingMessage, bodyBytesMax: number): Promise<Params> {
  if (request.method === 'POST') return checkParams(await readJson(request, bodyBytesMax));
  if (request.method !== 'GET') throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Use GET or POST.', { allow: 'GET, POST' });
  if ((request.url ?? '').length > QUERY_STRING_CHARACTERS_MAX) throw new HttpRefusal(414, 'URI_TOO_LONG', 'Use POST for long queries.');
  const search = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const fromJson = (name: string) => {
    const text = search.get(name);
    try {
      return text === null ? undefined : (JSON.parse(text) as unknown);
    } catch {
      throw badRequest(`"${name}" is not JSON.`);
    }
  };
  return checkParams({
    query: search.get('query') ?? undefined,
    operationName: search.get('operationName') ?? undefined,
    variables: fromJson('variables'),
    extensions: fromJson('extensions'),
  });
}

function checkParams(body: unknown): Params {
  if (Array.isArray(body)) throw badRequest('Send one operation a request; lists are not taken.');
  if (!isRecord(body)) throw badRequest('The body must be an object with "query".');
  const { query, operationName, variables, extensions } = body;
  if (typeof query !== 'string' || query === '') throw badRequest('"query" must be a string.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') throw badRequest('"operationName" must be a string.');
  if (variables !== undefined && variables !== null && !isRecord(variables)) throw badRequest('"variables" must be an object.');
  if (extensions !== undefined && extensions !== null && !isRecord(extensions)) throw badRequest('"extensions" must be an object.');
  return { query, operationName: operationName as string | null | undefined, variables: variables as Params['variables'] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badRequest(message: string): HttpRefusal {
  return new HttpRefusal(400, 'BAD_REQUEST', message);
}
