import { Refusal, unreachable } from '../../entities/refusal';
import { UPSERT_KINDS, type Backend, type DocumentKind, type InvoiceDocument, type PostingDocument } from '../../sync/documents';
import { book } from './books';
import { ok, refusalReply, tenantOf, type Call, type Outcome, type Reply } from './calls';
import { readDocument } from './checks';
import type { Fault } from './faults';
import type { Job } from './jobs';
import { checkSettings } from './settings';
import type { Booking } from './store';
import type { World } from './world';

/** Books a document, or accepts it for later; a fault of posts may strike it. */
export async function postOne(world: World, { raw, call, backend }: { raw: unknown; call: Call; backend: Backend }, faulty = true): Promise<Outcome> {
  const tally = world.tallies[backend];
  tally.posts++;
  const kind = (raw as { kind?: string } | null)?.kind ?? null;
  const fault = faulty ? world.faults.take({ backend, act: 'post', kind }) : undefined;
  if (fault) tally.faulted++;
  return strike(world, fault, () => {
    try {
      const document = readDocument(raw, { tenantId: tenantOf(call), backend });
      return world.settings[backend].jobs ? accept(world, document) : bookNow(world, document);
    } catch (error) {
      tally.refused++;
      return refusalReply(error);
    }
  });
}

function bookNow(world: World, document: PostingDocument): Reply {
  const { backend } = document;
  checkSettings(world.settings[backend], document);
  const receipt = book(world.store, document, { dedupe: world.settings[backend].dedupe, nowMs: world.clock.nowMs() });
  if (receipt.outcome === 'STALE') {
    const message = `Version ${receipt.booking.version} is in the books.`;
    return { status: 409, body: { code: 'STALE_VERSION', message, ...bookingJson(receipt.booking) } };
  }
  world.tallies[backend].booked++;
  return { status: receipt.outcome === 'BOOKED' ? 201 : 200, body: { outcome: receipt.outcome, ...bookingJson(receipt.booking) } };
}

/** Takes a document in, to be booked later. A submission that is repeated is refused with the place of the earlier job, unless that failed. */
function accept(world: World, document: PostingDocument): Reply {
  const earlier = world.jobs.of(document, document.version);
  if (earlier && earlier.progress !== 'failed') {
    const detail = 'This submission has been made before.';
    const body = { title: 'Conflict', status: 400, 'o:errorDetails': [{ detail, 'o:errorCode': 'IDEMPOTENCY_ERROR' }] };
    return { status: 400, body, headers: { location: placeOf(earlier) } };
  }
  return acceptedReply(world, world.jobs.accept(document, world.settings[document.backend].jobs!, () => void bookNow(world, document)));
}

function acceptedReply({ clock }: World, job: Job): Reply {
  const { externalId, kind, version } = job.document;
  const seconds = Math.max(1, Math.ceil(((job.dueMs ?? 0) - clock.nowMs()) / 1_000));
  const body = { code: 'ACCEPTED', message: 'The document will be booked later.', externalId, kind, version, job: job.id };
  return { status: 202, body, headers: { location: placeOf(job), 'retry-after': String(seconds) } };
}

const placeOf = ({ id, document }: Job) => `/${document.backend}/jobs/${id}`;

/** How far a job is: running (202), or 200 with what came of it. */
export function jobReply(world: World, call: Call): Reply {
  const job = world.jobs.get(call.path[2] ?? '');
  if (!job || job.document.tenantId !== tenantOf(call) || job.document.backend !== call.path[0]) throw new Refusal('NOT_FOUND', 'No such job.');
  if (job.progress === 'running') return acceptedReply(world, job);
  return job.progress === 'failed' ? failedReply(job) : ok(bookingJson(world.store.find(job.document)!));
}

function failedReply({ id, document: { externalId, kind, version }, refusal }: Job): Reply {
  return ok({ externalId, kind, version, job: { id, state: 'failed', ...(refusal as object) } });
}

export async function find(world: World, call: Call, backend: Backend): Promise<Outcome> {
  world.tallies[backend].finds++;
  const kind = call.query.get('kind');
  const fault = world.faults.take({ backend, act: 'find', kind });
  if (fault) world.tallies[backend].faulted++;
  return strike(world, fault, () => {
    if (!kind) throw new Refusal('KIND_MISSING', 'Say which ?kind= of document.', 'kind');
    const key = { tenantId: tenantOf(call), backend, kind: kind as DocumentKind, externalId: call.path[2]! };
    const booking = world.store.find(key);
    const version = Number(call.query.get('version') ?? 1);
    const job = booking && (!UPSERT_KINDS.has(key.kind) || booking.version >= version) ? undefined : world.jobs.of(key, version);
    if (job?.progress === 'running') return acceptedReply(world, job);
    if (job?.progress === 'failed') return failedReply(job);
    if (!booking) return { status: 404, body: { code: 'NOT_FOUND', message: 'Not in the books.', externalId: key.externalId } };
    return { status: 200, body: { ...bookingJson(booking), count: world.store.count(key), postingDate: booking.postingDate, body: JSON.parse(booking.body) } };
  });
}

/** Lets a fault have its way with the work of a request. Faults "after commit" hide even a refusal. */
export async function strike({ clock, closing }: World, fault: Fault | undefined, work: () => Reply | Promise<Reply>): Promise<Outcome> {
  if (!fault) return work();
  switch (fault.fault) {
    case 'none': case 'linesMissing': case 'linesReordered': case 'linesDoubled': case 'linesLying': return work();
    case 'down': return 'CUT';
    case 'hang': return 'SILENCE';
    case 'slow': {
      const reply = await work();
      await clock.wait(fault.delayMs, closing);
      return reply;
    }
    case 'tooMany':
      return { status: 429, body: { code: 'TOO_MANY_REQUESTS', message: 'Later, please.' }, headers: { 'retry-after': String(fault.retryAfterSeconds) } };
    case 'errorBeforeCommit': return { status: 500, body: { code: 'SANDBOX_BROKEN', message: 'Broken before the work.' } };
    case 'errorAfterCommit':
      await work();
      return { status: 500, body: { code: 'SANDBOX_BROKEN', message: 'Broken after the work.' } };
    case 'reject': return { status: 422, body: { code: 'SANDBOX_REJECTS', message: 'Refused on request.' } };
    case 'garbage': {
      const whole = JSON.stringify((await work()).body);
      return { status: 200, body: null, text: whole.slice(0, Math.ceil(whole.length / 2)) };
    }
    case 'cut':
      await work();
      return 'CUT';
    default: return unreachable(fault.fault);
  }
}

function bookingJson({ externalId, kind, version, reference, body }: Booking) {
  const { number = null, authority, lines = [] } = JSON.parse(body) as Partial<InvoiceDocument>;
  const said = { externalId, kind, version, reference, number };
  return authority?.gives.includes('TAX') ? { ...said, taxes: Object.fromEntries(lines.map(({ lineId, taxMinor }) => [lineId, taxMinor])) } : said;
}
