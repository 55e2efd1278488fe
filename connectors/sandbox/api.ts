import { Refusal, unreachable } from '../../entities/refusal';
import type { Backend, DocumentKind } from '../../sync/documents';
import type { Clock } from '../../sync/clock';
import { balances, entitlements, journal, listDocuments, openItems, readCursor, totals } from './audit';
import { book } from './books';
import { isBackend, readDocument } from './checks';
import type { Fault, FaultBoard } from './faults';
import { toHledger, type JournalEntry } from './ledger';
import { changeSettings, checkSettings, PeriodClosed, type Settings } from './settings';
import type { Booking, Store } from './store';

/** The sandbox while it runs. Faults, settings and tallies live in memory; the books are in the store. */
export interface World {
  store: Store;
  faults: FaultBoard;
  settings: Settings;
  tallies: Record<Backend, Tally>;
  clock: Clock;
  /** Aborts when the sandbox closes, so that no slow answer outlives it. */
  closing: AbortSignal;
}

/** What one backend did since it started. */
export interface Tally {
  posts: number;
  finds: number;
  booked: number;
  refused: number;
  faulted: number;
}

export interface Call {
  method: string;
  /** Path parts without the empty first one. */
  path: string[];
  query: URLSearchParams;
  tenantId: string | null;
  body: string;
}

export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** Sent in place of the body. */
  text?: string;
}

/** CUT destroys the connection, SILENCE leaves the caller waiting. */
export type Outcome = Reply | 'CUT' | 'SILENCE';

const STATUS_OF: Record<string, number> = {
  EXTERNAL_ID_CONFLICT: 409, BODY_TOO_LARGE: 413, BODY_MALFORMED: 400, TENANT_MISSING: 400, FAULT_MALFORMED: 400,
  SETTING_MALFORMED: 400, CURSOR_MALFORMED: 400, KIND_MISSING: 400, NOT_FOUND: 404,
};

/** Answers a request; refusals become 4xx with `{ code, message, path }`. */
export async function respond(world: World, call: Call): Promise<Outcome> {
  try {
    const [first = '', second, third] = call.path;
    if (isBackend(first) && second === 'documents') {
      if (call.method === 'POST' && third === undefined) return await post(world, call, first);
      if (call.method === 'GET' && third !== undefined) return await find(world, call, first);
    }
    if (isBackend(first) && call.method === 'GET') return audit(world, call, first);
    return knobs(world, call, first);
  } catch (error) {
    return refusalReply(error);
  }
}

export function refusalReply(error: unknown): Reply {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, path } = error;
  const more = error instanceof PeriodClosed ? { openFrom: error.openFrom } : {};
  return { status: STATUS_OF[code] ?? 422, body: { code, message, path, ...more } };
}

async function post(world: World, call: Call, backend: Backend): Promise<Outcome> {
  const tally = world.tallies[backend];
  tally.posts++;
  const raw = readJson(call.body);
  const kind = (raw as { kind?: string } | null)?.kind ?? null;
  const fault = world.faults.take({ backend, act: 'post', kind });
  if (fault) tally.faulted++;
  return strike(world, fault, () => {
    try {
      const document = readDocument(raw, { tenantId: tenantOf(call), backend });
      checkSettings(world.settings[backend], document);
      const receipt = book(world.store, document, { dedupe: world.settings[backend].dedupe, nowMs: world.clock.nowMs() });
      if (receipt.outcome === 'STALE') {
        const message = `Version ${receipt.booking.version} is in the books.`;
        return { status: 409, body: { code: 'STALE_VERSION', message, ...bookingJson(receipt.booking) } };
      }
      tally.booked++;
      return { status: receipt.outcome === 'BOOKED' ? 201 : 200, body: { outcome: receipt.outcome, ...bookingJson(receipt.booking) } };
    } catch (error) {
      tally.refused++;
      return refusalReply(error);
    }
  });
}

async function find(world: World, call: Call, backend: Backend): Promise<Outcome> {
  world.tallies[backend].finds++;
  const kind = call.query.get('kind');
  const fault = world.faults.take({ backend, act: 'find', kind });
  if (fault) world.tallies[backend].faulted++;
  return strike(world, fault, () => {
    if (!kind) throw new Refusal('KIND_MISSING', 'Say which ?kind= of document.', 'kind');
    const key = { tenantId: tenantOf(call), backend, kind: kind as DocumentKind, externalId: call.path[2]! };
    const booking = world.store.find(key);
    if (!booking) return { status: 404, body: { code: 'NOT_FOUND', message: 'Not in the books.', externalId: key.externalId } };
    return { status: 200, body: { ...bookingJson(booking), count: world.store.count(key), postingDate: booking.postingDate, body: JSON.parse(booking.body) } };
  });
}

/** Lets a fault have its way with the work of a request. Faults "after commit" hide even a refusal. */
async function strike({ clock, closing }: World, fault: Fault | undefined, work: () => Reply): Promise<Outcome> {
  if (!fault) return work();
  switch (fault.fault) {
    case 'none': return work();
    case 'down': return 'CUT';
    case 'hang': return 'SILENCE';
    case 'slow': {
      const reply = work();
      await clock.wait(fault.delayMs, closing);
      return reply;
    }
    case 'tooMany':
      return { status: 429, body: { code: 'TOO_MANY_REQUESTS', message: 'Later, please.' }, headers: { 'retry-after': String(fault.retryAfterSeconds) } };
    case 'errorBeforeCommit': return { status: 500, body: { code: 'SANDBOX_BROKEN', message: 'Broken before the work.' } };
    case 'errorAfterCommit':
      work();
      return { status: 500, body: { code: 'SANDBOX_BROKEN', message: 'Broken after the work.' } };
    case 'reject': return { status: 422, body: { code: 'SANDBOX_REJECTS', message: 'Refused on request.' } };
    case 'garbage': {
      const whole = JSON.stringify(work().body);
      return { status: 200, body: null, text: whole.slice(0, Math.ceil(whole.length / 2)) };
    }
    case 'cut':
      work();
      return 'CUT';
    default: return unreachable(fault.fault);
  }
}

function bookingJson({ externalId, kind, version, reference, body }: Booking) {
  const { number = null } = JSON.parse(body) as { number?: string };
  return { externalId, kind, version, reference, number };
}

function tenantOf(call: Call): string {
  const tenantId = call.tenantId ?? call.query.get('tenant');
  if (!tenantId) throw new Refusal('TENANT_MISSING', 'Name the tenant in x-tenant, or in ?tenant= of an audit.', 'x-tenant');
  return tenantId;
}

function audit(world: World, call: Call, backend: Backend): Reply {
  const what = call.path.slice(1).join('/');
  if (what === 'stats') {
    return ok({ ...totals(world.store, backend), sinceStart: world.tallies[backend], residentBytes: process.memoryUsage.rss() });
  }
  const scope = { tenantId: tenantOf(call), backend };
  const after = readCursor(call.query.get('after'));
  if (what === 'documents') return ok(listDocuments(world.store, scope, { after, doubles: call.query.get('doubles') === '1' }));
  if (what === 'open-items' && (backend === 'erp' || backend === 'billing')) return ok(openItems(world.store, scope));
  if (what === 'entitlements' && backend === 'saas') return ok(entitlements(world.store, scope));
  if (backend === 'erp') {
    if (what === 'balances') return ok(balances(world.store, scope));
    if (what === 'journal') {
      const page = journal(world.store, scope, after);
      return ok({ ...page, rows: page.rows.map(entryJson) });
    }
    if (what === 'hledger') {
      const text = toHledger([...allEntries(world.store, scope)]);
      return { ...ok(null), text, headers: { 'content-type': 'text/plain; charset=utf-8' } };
    }
  }
  throw new Refusal('NOT_FOUND', 'No such list.');
}

function* allEntries(store: Store, scope: { tenantId: string; backend: Backend }): Generator<JournalEntry> {
  for (let after: number | null = 0; after !== null; ) {
    const page: ReturnType<typeof journal> = journal(store, scope, after);
    yield* page.rows;
    after = page.next;
  }
}

/** Money is text on the wire. */
function entryJson(entry: JournalEntry) {
  return { ...entry, lines: entry.lines.map((line) => ({ ...line, debitMinor: String(line.debitMinor), creditMinor: String(line.creditMinor) })) };
}

function knobs(world: World, call: Call, what: string): Reply {
  if (what === 'faults') {
    if (call.method === 'POST') world.faults.set(readJson(call.body));
    if (call.method === 'DELETE') world.faults.clear();
    return ok({ faults: world.faults.list() });
  }
  if (what === 'settings') {
    if (call.method === 'POST') changeSettings(world.settings, readJson(call.body));
    return ok(world.settings);
  }
  throw new Refusal('NOT_FOUND', 'No such place in the sandbox.');
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('BODY_MALFORMED', 'The body is not JSON.', 'body');
  }
}
