import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Refusal } from '../../entities/refusal';
import type { Clock } from '../../sync/clock';
import { BACKENDS, type Backend } from '../../sync/documents';
import { respond } from './api';
import { refusalReply, type Call, type Outcome } from './calls';
import { isBackend } from './checks';
import { FaultBoard } from './faults';
import { Jobs } from './jobs';
import { openSettings } from './settings';
import { Store } from './store';
import type { World } from './world';

export const BODY_BYTES_MAX = 1_048_576;
const KEEP_ALIVE_MS = 60_000;

export interface SandboxOptions {
  /** Folder of the persistent books; without it they are in memory and end with the process. */
  folder?: string;
  /** Port on the loopback address; 0, the default, takes any free one. */
  port?: number;
  clock: Clock;
  /** Backends that answer a repeated external id with the first booking. Default: none, a repeat is booked twice. */
  dedupe?: readonly Backend[];
}

/** The running outside world. */
export interface Sandbox {
  url: string;
  faults: FaultBoard;
  /** Cuts every connection, then closes the books. */
  close(): Promise<void>;
}

/** Starts CRM, billing, ERP and SaaS platform under one address of this machine. */
export async function startSandbox({ folder, port = 0, clock, dedupe = [] }: SandboxOptions): Promise<Sandbox> {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const store = new Store(folder === undefined ? ':memory:' : path.join(folder, 'sandbox.sqlite'));
  const closing = new AbortController();
  const world: World = {
    store, faults: new FaultBoard(), settings: openSettings(dedupe), jobs: new Jobs(clock, closing.signal),
    tallies: emptyTallies(), clock, closing: closing.signal,
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    serve(world, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, body: { code: 'SANDBOX_FAILED', message: error.message } });
    });
  });
  try {
    await listen(server, port);
  } catch (error) {
    store.close();
    throw error;
  }
  const close = () => {
    closing.abort();
    return shut(server, store);
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, faults: world.faults, close };
}

function emptyTallies(): World['tallies'] {
  return Object.fromEntries(BACKENDS.map((backend) => [backend, { posts: 0, batches: 0, finds: 0, booked: 0, refused: 0, faulted: 0 }])) as World['tallies'];
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function shut(server: Server, store: Store): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      if (store.db.open) store.close();
      resolve();
    });
    server.closeAllConnections();
  });
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const correlationId = request.headers['x-correlation-id'];
  if (typeof correlationId === 'string') response.setHeader('x-correlation-id', correlationId);
  let call: Call;
  try {
    call = readCall(request);
    if (isDown(world, call)) return void request.socket.destroy();
    if (request.method === 'POST') call.body = await readBody(request);
  } catch (error) {
    if (!(error instanceof Refusal)) return void request.socket.destroy();
    response.setHeader('connection', 'close');
    return send(response, refusalReply(error));
  }
  const outcome = await respond(world, call);
  if (outcome === 'CUT') request.socket.destroy();
  else if (outcome !== 'SILENCE') send(response, outcome);
}

function readCall(request: IncomingMessage): Call {
  const [route = '', query = ''] = (request.url ?? '').split('?', 2);
  const tenant = request.headers['x-tenant'];
  let parts: string[];
  try {
    parts = route.split('/').slice(1).map(decodeURIComponent);
  } catch {
    throw new Refusal('NOT_FOUND', 'The path is not readable.');
  }
  return {
    method: request.method ?? 'GET',
    path: parts,
    query: new URLSearchParams(query),
    tenantId: typeof tenant === 'string' && tenant !== '' ? tenant : null,
    body: '',
  };
}

/** Only documents meet faults: knobs and audits always answer. */
function isDown(world: World, { method, path: [backend = '', what, id] }: Call): boolean {
  if (!isBackend(backend) || (what !== 'documents' && what !== 'batches')) return false;
  const act = what === 'batches' ? 'batch' : method === 'POST' ? 'post' : 'find';
  if (act === 'find' && id === undefined) return false;
  const down = world.faults.takeDown(backend, act);
  if (down) world.tallies[backend].faulted++;
  return down;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Refusal('BODY_TOO_LARGE', `A body has at most ${BODY_BYTES_MAX} bytes.`, 'body');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, outcome: Exclude<Outcome, string>): void {
  const text = outcome.text ?? JSON.stringify(outcome.body);
  response.writeHead(outcome.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...outcome.headers });
  response.end(text);
}
