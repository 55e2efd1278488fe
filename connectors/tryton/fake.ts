/**
 * A small Tryton in memory for tests where the real one cannot run: the calls that this connector makes, over the same JSON-RPC.
 * The conformance cases run against both, which shows where the fake tells the truth. It knows neither access rights, nor
 * languages, nor several databases, nor sums of accounts; texts of its refusals are its own, but name the same things.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../../sync/clock';
import type { TrytonAccount } from './client';
import { FakeBooks, FakeUserWarning } from './fakeBooks';
import { FakeUserError } from './fakeRecords';
import type { Id, Values } from './values';

export interface FakeTryton {
  account: TrytonAccount;
  close(): Promise<void>;
}

/** The one user there is. */
const USER_ID = 1;
const BODY_BYTES_MAX = 8 * 1024 * 1024;

interface World {
  books: FakeBooks;
  account: Pick<TrytonAccount, 'user' | 'password'>;
  sessions: Set<string>;
  /** Sessions of wizards that were begun and not deleted. */
  wizards: Map<Id, string>;
}

export async function startFakeTryton(clock: Clock = systemClock): Promise<FakeTryton> {
  const account = { user: 'admin', password: randomBytes(12).toString('hex') };
  const world: World = { books: new FakeBooks(clock), account, sessions: new Set(), wizards: new Map() };
  const user = world.books.records.add('res.user', { login: account.user, companies: [], company: null, company_filter: 'one' });
  const server = createServer((request, response) => {
    const work = async () => {
      const text = await readBody(request);
      const { status, body } = respond(world, user.id, { text, authorization: request.headers.authorization ?? '' });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    work().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fake/`;
  const close = () => new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return { account: { url, ...account }, close };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError('the request is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Request = { text: string; authorization: string };

function respond(world: World, userId: Id, { text, authorization }: Request): { status: number; body: unknown } {
  const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: unknown[] };
  if (method === 'common.db.login') return { status: 200, body: { id, ...login(world, userId, params) } };
  if (!world.sessions.has(authorization)) return { status: 401, body: {} };
  try {
    return { status: 200, body: { id, result: call(world, method, { params: params.slice(0, -1), context: params.at(-1) as Values }) ?? null } };
  } catch (error) {
    return { status: 200, body: { id, error: errorOf(error) } };
  }
}

function login({ account, sessions }: World, userId: Id, [user, given]: unknown[]): { result: unknown } | { error: unknown } {
  if (user !== account.user || (given as { password?: string }).password !== account.password) {
    return { error: ['LoginException', ['password', `Password for ${String(user)}`, 'password']] };
  }
  const key = randomBytes(24).toString('hex');
  sessions.add(`Session ${Buffer.from(`${account.user}:${userId}:${key}`).toString('base64')}`);
  return { result: [userId, key] };
}

function errorOf(error: unknown): unknown {
  if (error instanceof FakeUserWarning) return ['UserWarning', [error.key, error.message, '']];
  if (error instanceof FakeUserError) return ['UserError', [error.message, '', null]];
  return [(error as Error).name, (error as Error).message];
}

/** Tryton's context goes last among the parameters of a call. */
function call(world: World, method: string, { params, context }: { params: unknown[]; context: Values }): unknown {
  const [kind, ...path] = method.split('.');
  const act = path.pop()!;
  const name = path.join('.');
  if (kind === 'wizard') return wizard(world, `${name}.${act}`, { params, context });
  if (kind !== 'model') throw new FakeUserError(`There is no ${method}.`);
  const { books } = world;
  switch (act) {
    case 'search_read': return searchRead(books, name, params);
    case 'read': return (params[0] as Id[]).map((id) => books.records.read(name, books.records.get(name, id), params[1] as string[]));
    case 'create': return (params[0] as Values[]).map((values) => books.create(name, values));
    case 'write': return books.write(name, params[0] as Id[], params[1] as Values);
    case 'delete': return books.remove(name, params[0] as Id[]);
    case 'post': return (params[0] as Id[]).forEach((id) => (name === 'account.move' ? books.postMove(books.records.get(name, id)) : books.postInvoice(books.records.get(name, id))));
    case 'create_period': return (params[0] as Id[]).forEach((id) => books.createPeriods(books.records.get(name, id)));
    case 'close': case 'reopen': return (params[0] as Id[]).forEach((id) => books.records.change(name, id, { state: act === 'close' ? 'close' : 'open' }));
    default: throw new FakeUserError(`There is no ${method}.`);
  }
}

function searchRead({ records }: FakeBooks, model: string, params: unknown[]): unknown {
  const [domain, offset, limit, , fields] = params as [[string, string, unknown][], number, number | null, unknown, string[]];
  const rows = records.search(model, domain).sort((a, b) => a.id - b.id);
  return rows.slice(offset, limit === null ? undefined : offset + limit).map((row) => records.read(model, row, fields));
}

/** Both wizards of this connector ask nothing, unless the lines do not balance. */
function wizard({ books, wizards }: World, method: string, { params, context }: { params: unknown[]; context: Values }): unknown {
  const at = method.lastIndexOf('.');
  const [name, act] = [method.slice(0, at), method.slice(at + 1)];
  if (act === 'create') {
    const session = wizards.size === 0 ? USER_ID : Math.max(...wizards.keys()) + 1;
    wizards.set(session, name);
    return [session, name.endsWith('unreconcile_lines') ? 'unreconcile' : 'setup'];
  }
  const session = params[0] as Id;
  if (wizards.get(session) !== name) throw new FakeUserError(`There is no session ${session} of ${name}.`);
  if (act === 'delete') return void wizards.delete(session);
  const ids = context.active_ids as Id[];
  if (name.endsWith('unreconcile_lines')) return (books.unreconcile(ids), {});
  return books.reconcile(ids) ? {} : { view: { state: 'writeoff' } };
}
