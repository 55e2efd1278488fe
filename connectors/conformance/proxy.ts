import { Agent, createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../sync/clock';

/** One request on its way to the backend. */
export interface Ask {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer, of the backend or in its place. */
export interface Reply {
  status: number;
  headers?: IncomingHttpHeaders;
  text: string;
}

/** What goes wrong with one request: first at the backend's side, then at the caller's. */
export interface Fault {
  /** How often the backend gets the request. After 2 the caller sees the second answer. */
  forward: 0 | 1 | 2;
  delayMs?: number;
  /** ENDLESS is an answer of `HUGE_BYTES`. A function makes the answer out of the true one, which is empty if nothing was forwarded. */
  then: 'PASS' | 'CUT' | 'SILENCE' | 'ENDLESS' | ((truth: Reply, ask: Ask) => Reply);
}

export interface Trap {
  fault: Fault;
  strikes: (ask: Ask) => boolean;
  /** How many requests it strikes before it is used up. */
  count: number;
}

export interface Proxy {
  url: string;
  arm(trap: Trap): void;
  disarm(): void;
  /** Requests since the last `disarm`, faulty or not. */
  readonly asks: readonly Ask[];
  /** Every value of an authorization header that ever passed: none may show in a message. */
  readonly credentials: ReadonlySet<string>;
  /** Requests that were left without an answer since the last `disarm`. */
  readonly silenced: number;
  /** Bytes of endless answers that callers have taken. */
  readonly endlessBytes: number;
  close(): Promise<void>;
}

export const HUGE_BYTES = 1_100_000_000;
const HUGE_CHUNK = Buffer.from('[1234567,'.repeat(7_000));
const EMPTY: Reply = { status: 0, text: '' };
/** Headers that belong to one connection, not to the message. */
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'content-encoding']);

/** Starts a proxy in front of a backend that lets everything pass until a trap is armed. */
export async function startProxy(target: string, clock: Clock): Promise<Proxy> {
  const base = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const state = { traps: [] as Trap[], asks: [] as Ask[], credentials: new Set<string>(), silenced: 0, endlessBytes: 0 };
  const server = createServer((incoming, response) => {
    const work = async () => {
      const ask = await readAsk(incoming);
      state.asks.push(ask);
      if (ask.headers.authorization) state.credentials.add(ask.headers.authorization);
      const fault = faultOf(state.traps, ask);
      let truth = EMPTY;
      for (let times = fault?.forward ?? 1; times > 0; times--) truth = await forward({ base, agent }, ask);
      if (fault?.delayMs) await clock.wait(fault.delayMs);
      if (fault?.then === 'SILENCE') state.silenced++;
      await answer(response, { fault, truth, ask }, (bytes) => (state.endlessBytes += bytes));
    };
    work().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base.pathname === '/' ? '' : base.pathname}`,
    arm: (trap) => void state.traps.push({ ...trap }),
    disarm: () => void ((state.traps = []), (state.asks = []), (state.silenced = 0), (state.endlessBytes = 0)),
    get asks() { return state.asks; },
    get credentials() { return state.credentials; },
    get silenced() { return state.silenced; },
    get endlessBytes() { return state.endlessBytes; },
    close: () => new Promise<void>((resolve) => {
      agent.destroy();
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** An address on this machine where nobody listens. */
export async function deadUrl(like: string): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}${new URL(like).pathname}`;
}

function faultOf(traps: Trap[], ask: Ask): Fault | undefined {
  const trap = traps.find(({ count, strikes }) => count > 0 && strikes(ask));
  if (trap) trap.count--;
  return trap?.fault;
}

async function readAsk(incoming: IncomingMessage): Promise<Ask> {
  const { method = 'GET', url: path = '/', headers } = incoming;
  return { method, path, headers, body: await textOf(incoming) };
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const kept = (headers: IncomingHttpHeaders) => Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));

function forward({ base, agent }: { base: URL; agent: Agent }, { method, path, headers, body }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onwards = { ...kept(headers), 'accept-encoding': 'identity', 'content-length': String(Buffer.byteLength(body)) };
    const call = request({ host: base.hostname, port: base.port, agent, method, path, headers: onwards }, (answered) => {
      textOf(answered).then((text) => resolve({ status: answered.statusCode ?? 0, headers: answered.headers, text }), reject);
    });
    call.once('error', reject);
    call.end(body);
  });
}

async function answer(response: ServerResponse, { fault, truth, ask }: { fault: Fault | undefined; truth: Reply; ask: Ask }, took: (bytes: number) => void): Promise<void> {
  const then = fault?.then ?? 'PASS';
  if (then === 'CUT') return void response.destroy();
  if (then === 'SILENCE') return;
  if (then === 'ENDLESS') return endless(response, took);
  const { status, headers = {}, text } = then === 'PASS' ? truth : then(truth, ask);
  response.writeHead(status, { 'content-type': 'application/json', ...kept(headers), 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Writes as fast as the caller takes it, until the whole has gone or the caller has had enough. */
async function endless(response: ServerResponse, took: (bytes: number) => void): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (let sent = 0; sent < HUGE_BYTES && !response.destroyed; sent += HUGE_CHUNK.length) {
    took(HUGE_CHUNK.length);
    if (response.write(HUGE_CHUNK)) continue;
    await new Promise<void>((resolve) => {
      const go = () => (response.off('drain', go), response.off('close', go), resolve());
      response.once('drain', go).once('close', go);
    });
  }
  response.end();
}
