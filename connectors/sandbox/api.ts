import { Refusal } from '../../entities/refusal';
import type { Backend } from '../../sync/documents';
import { balances, entitlements, journal, listDocuments, openItems, readCursor, totals } from './audit';
import { postBatch } from './batches';
import { ok, readJson, refusalReply, tenantOf, type Call, type Outcome, type Reply } from './calls';
import { isBackend } from './checks';
import { toHledger, type JournalEntry } from './ledger';
import { find, jobReply, postOne } from './postings';
import { changeSettings } from './settings';
import type { Store } from './store';
import type { World } from './world';

/** Answers a request; refusals become 4xx with `{ code, message, path }`. */
export async function respond(world: World, call: Call): Promise<Outcome> {
  try {
    const [first = '', second, third] = call.path;
    if (isBackend(first) && second === 'documents') {
      if (call.method === 'POST' && third === undefined) return await postOne(world, { raw: readJson(call.body), call, backend: first });
      if (call.method === 'GET' && third !== undefined) return await find(world, call, first);
    }
    if (isBackend(first) && second === 'batches' && call.method === 'POST') return await postBatch(world, call, first);
    if (isBackend(first) && second === 'jobs' && call.method === 'GET') return jobReply(world, call);
    if (isBackend(first) && call.method === 'GET') return audit(world, call, first);
    return knobs(world, call, first);
  } catch (error) {
    return refusalReply(error);
  }
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
  if (what === 'jobs' && call.method === 'POST') return ok({ ended: endJobs(world, readJson(call.body)) });
  throw new Refusal('NOT_FOUND', 'No such place in the sandbox.');
}

function endJobs({ jobs }: World, raw: unknown): number {
  const { backend, end } = (raw ?? {}) as Record<string, unknown>;
  if (typeof backend === 'string' && isBackend(backend) && (end === 'book' || end === 'fail')) return jobs.end(backend, end);
  throw new Refusal('JOBS_MALFORMED', 'Say { backend, end: book | fail }.', 'end');
}
