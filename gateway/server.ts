import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { uuidV7 } from '../entities/ids';
import type { Principal, Role } from '../subgraphs/context';
import { BODY_BYTES_MAX, HttpRefusal, readBytes, sendJson, sendRefusal } from '../subgraphs/httpBody';
import { loggable } from '../sync/loggable';
import type { Clock } from '../sync/clock';
import type { Asked, House } from './answer';
import { type Counters, counters } from './counters';
import type { Execution } from './execution';
import { graphiqlPage, wantsPage } from './graphiql';
import { answerHttp } from './graphqlHttp';
import { serveSockets } from './websocket';

/** Answers a path of its own, as webhooks and the console do. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A path beside GraphQL that takes what others send. Who may send is checked before it is called. */
export interface Door {
  roles: readonly Role[];
  receive(asked: Asked, request: { headers: IncomingMessage['headers']; body: string }): Promise<{ status: number; body: unknown }>;
}

export interface GatewayOptions {
  execution: Execution;
  contextOf: House['contextOf'];
  /** Whose token it is; undefined for none or an unknown one. */
  authenticate(token: string | undefined): Promise<Principal | undefined>;
  /** 0 picks a free port. */
  port: number;
  /** Default: every interface. */
  host?: string;
  clock: Clock;
  log: Pick<Logger, 'error'>;
  /** Why traffic should not come here yet; empty when it may. */
  ready(): Promise<readonly string[]>;
  /** Further lines for `/metrics`. */
  metrics?: () => string | Promise<string>;
  /** Whether `/metrics` answers without a token. Default false. */
  openMetrics?: boolean;
  /** Path prefixes that bring their own authentication, e.g. `/webhooks/`, `/console`. */
  routes?: Readonly<Record<string, Route>>;
  /** Paths that take POST requests of whoever has a token with one of their roles. */
  doors?: Readonly<Record<string, Door>>;
  /** What GraphiQL opens with. */
  defaultQuery?: string;
  bodyBytesMax?: number;
}

export interface Gateway {
  url: string;
  port: number;
  counts: Counters;
  /** Stops listening, ends subscriptions, and resolves when the last connection is gone. */
  close(): Promise<void>;
}

/** How long running requests may take to finish once the gateway closes. */
const CLOSE_PATIENCE_MS = 5_000;

/** Starts the public endpoint. Rejects if the port cannot be had. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const counts = counters();
  const { execution, contextOf, clock, log, bodyBytesMax = BODY_BYTES_MAX } = options;
  const house = { execution, contextOf, clock, log, counts, bodyBytesMax };
  const open = new Set<ServerResponse>();
  const dispatch = dispatcher(options, house);
  const server = createServer((request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    const correlationId = correlationOf(request);
    response.setHeader('x-correlation-id', correlationId);
    dispatch(request, response, correlationId).catch((error: unknown) => {
      if (error instanceof HttpRefusal) return sendRefusal(response, error, correlationId);
      log.error({ err: loggable(error), correlationId }, 'request failed');
      sendRefusal(response, new HttpRefusal(500, 'INTERNAL', 'Something went wrong here.'), correlationId);
    });
  });
  const sockets = serveSockets(server, { ...house, authenticate: (token) => options.authenticate(token), bearer, correlationOf });
  const port = await listen(server, options);
  return { url: `http://localhost:${port}/graphql`, port, counts, close };

  function correlationOf({ headers }: IncomingMessage): string {
    const given = headers['x-correlation-id'];
    return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : uuidV7(clock.nowMs());
  }

  async function close(): Promise<void> {
    sockets.close();
    const patience = new AbortController();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // An event stream that breaks off tells its client to come back; one that completes would not.
    for (const response of open) if (String(response.getHeader('content-type')).startsWith('text/event-stream')) response.destroy();
    const answered = Promise.all([...open].map((response) => new Promise((resolve) => response.once('close', resolve))));
    await Promise.race([answered, clock.wait(CLOSE_PATIENCE_MS, patience.signal)]);
    patience.abort();
    server.closeAllConnections(); // also those on which nothing was ever asked
    await closed;
  }
}

type Dispatch = (request: IncomingMessage, response: ServerResponse, correlationId: string) => Promise<void>;

function dispatcher(options: GatewayOptions, house: House & { bodyBytesMax: number }): Dispatch {
  const page = graphiqlPage(options.defaultQuery);
  const routes = Object.entries(options.routes ?? {});
  return async (request, response, correlationId) => {
    const path = (request.url ?? '/').split('?')[0]!;
    if (path === '/graphql') {
      if (wantsPage(request)) return page(request, response);
      return answerHttp(house, await admit(options, request, correlationId), { request, response });
    }
    if (path === '/livez') return sendJson(response, 200, { status: 'live' });
    if (path === '/readyz') return sendReadiness(options, response);
    if (path === '/metrics') {
      if (!options.openMetrics) await admit(options, request, correlationId);
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      return sendJson(response, 200, house.counts.text() + ((await options.metrics?.()) ?? ''));
    }
    const door = options.doors?.[path];
    if (door) return passDoor(door, await admit(options, request, correlationId), { request, response, bytesMax: house.bodyBytesMax });
    const route = routes.find(([prefix]) => path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`));
    if (route) return route[1](request, response);
    throw new HttpRefusal(404, 'NOT_FOUND', `There is nothing at ${path}.`);
  };
}

async function passDoor({ roles, receive }: Door, asked: Asked, { request, response, bytesMax }: { request: IncomingMessage; response: ServerResponse; bytesMax: number }): Promise<void> {
  if (!roles.includes(asked.principal.role)) throw new HttpRefusal(403, 'FORBIDDEN', `This takes a token of ${roles.join(', ')}.`);
  if (request.method !== 'POST') throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Send a POST request.', { allow: 'POST' });
  const { status, body } = await receive(asked, { headers: request.headers, body: (await readBytes(request, bytesMax)).toString('utf8') });
  sendJson(response, status, body);
}

async function sendReadiness({ ready, log }: GatewayOptions, response: ServerResponse): Promise<void> {
  const reasons = await ready().catch((error: unknown) => {
    log.error({ err: loggable(error) }, 'readiness check failed');
    return ['the readiness check failed'];
  });
  sendJson(response, reasons.length === 0 ? 200 : 503, { status: reasons.length === 0 ? 'ready' : 'unready', reasons });
}

async function admit({ authenticate }: GatewayOptions, { headers }: IncomingMessage, correlationId: string): Promise<Asked> {
  const principal = await authenticate(bearer(headers.authorization));
  if (!principal) {
    throw new HttpRefusal(401, 'UNAUTHENTICATED', 'Send a known token: "Authorization: Bearer <token>".', { 'www-authenticate': 'Bearer' });
  }
  return { principal, correlationId, idempotencyKey: header(headers['idempotency-key']), lastEventId: header(headers['last-event-id']) };
}

function header(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function bearer(value: unknown): string | undefined {
  return typeof value === 'string' ? /^Bearer\s+(\S+)\s*$/i.exec(value)?.[1] : undefined;
}

function listen(server: Server, { port, host }: GatewayOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
