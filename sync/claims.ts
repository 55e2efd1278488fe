import { Lane } from '../entities/operations/Lane';
import { Posting, PostingState } from '../entities/operations/Posting';
import { hydrate, selectRows, shapeOf, type Sql } from '../entities/rows';
import type { Backend } from './documents';

export const POSTINGS_PER_CLAIM_MAX = 20;
/** What still has to be sent or looked up. */
export const UNSETTLED = [PostingState.PENDING, PostingState.UNCERTAIN];

export interface ClaimedLane {
  tenantId: string;
  id: string;
  fence: number;
  failures: number;
  leaseEndsMs: number;
  /** The lease of an earlier owner ran out: whatever it sent is uncertain. */
  takenOver: boolean;
}

export interface ClaimRequest {
  backend: Backend;
  owner: string;
  lanes: number;
  nowMs: number;
  leaseMs: number;
}

const keysOf = (lanes: Lane[]) => lanes.flatMap((lane) => [lane.tenantId, lane.id]);
const marksOf = (lanes: Lane[]) => lanes.map(() => '(tenant_id = ? AND id = ?)').join(' OR ');

/** Claims due lanes of a backend, oldest first, each with a new fencing token. Lanes that others are claiming are passed over. */
export async function claimLanes(sql: Sql, request: ClaimRequest): Promise<ClaimedLane[]> {
  const lanes = await lockDue(sql, request);
  if (lanes.length === 0) return [];
  const leaseEndsMs = request.nowMs + request.leaseMs;
  await sql.query(`UPDATE lane ${byKey(sql)} SET owner = ?, fence = fence + 1, due_at_ms = ? WHERE ${marksOf(lanes)}`, [request.owner, leaseEndsMs, ...keysOf(lanes)]);
  return lanes.map(({ tenantId, id, fence, failures, owner }) => ({ tenantId, id, fence: fence + 1, failures, leaseEndsMs, takenOver: owner !== null }));
}

const byKey = (sql: Sql) => (sql.dialect === 'mysql' ? 'FORCE INDEX (PRIMARY)' : '');

/**
 * Looks first and then locks what it saw by its key: a scan that locks also touches the row after its last, which belongs to another
 * backend, whose runner would pass it over and sleep. Only when others were quicker with all of it, it locks while it scans.
 */
async function lockDue(sql: Sql, { backend, lanes, nowMs }: ClaimRequest): Promise<Lane[]> {
  const { list } = shapeOf(sql.source, Lane);
  const scan = async (lock: string) =>
    hydrate(sql, Lane, await sql.query(`SELECT ${list} FROM lane WHERE backend = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ${lanes} ${lock}`, [backend, nowMs]));
  const seen = await scan('');
  if (sql.dialect === 'sqlite' || seen.length === 0) return seen;
  const text = `SELECT ${list} FROM lane ${byKey(sql)} WHERE (${marksOf(seen)}) AND due_at_ms <= ? ORDER BY due_at_ms FOR UPDATE SKIP LOCKED`;
  const free = hydrate(sql, Lane, await sql.query(text, [...keysOf(seen), nowMs]));
  return free.length > 0 ? free : scan('FOR UPDATE SKIP LOCKED');
}

export interface Waiting {
  posting: Posting;
  /** Ids of postings that are not in the books yet. */
  waitsFor: string[];
}

/**
 * The next unsettled postings of a lane in order, each with what it still waits for; when all at its beginning are held up, those from
 * the first that is free, lest a lane stand still behind one rejected document. What the silent owner of a lane taken over may
 * have sent is UNCERTAIN from here on, whoever sends it and however often the lane changes hands before that.
 */
export async function loadLane(sql: Sql, lane: { tenantId: string; id: string; takenOver?: boolean }): Promise<Waiting[]> {
  if (lane.takenOver) await doubtSent(sql, lane);
  const first = await loadPage(sql, lane, 0);
  if (first.length < POSTINGS_PER_CLAIM_MAX || first.some(isFree)) return first;
  const [ready] = await sql.query<{ sequence: unknown }>(`SELECT p.sequence ${READY} ORDER BY p.sequence LIMIT 1`, [lane.tenantId, lane.id]);
  if (!ready) return first;
  await doubt(sql, lane, await loadPage(sql, lane, Number(ready.sequence)));
  return loadPage(sql, lane, Number(ready.sequence));
}

const isFree = ({ waitsFor }: Waiting) => waitsFor.length === 0;

async function loadPage(sql: Sql, lane: { tenantId: string; id: string }, fromSequence: number): Promise<Waiting[]> {
  const { list } = shapeOf(sql.source, Posting);
  const rows = await sql.query(
    `SELECT ${list} FROM posting WHERE tenant_id = ? AND lane = ? AND state IN ('PENDING', 'UNCERTAIN') AND sequence >= ?
     ORDER BY sequence LIMIT ${POSTINGS_PER_CLAIM_MAX}`,
    [lane.tenantId, lane.id, fromSequence],
  );
  if (rows.length === 0) return [];
  const postings = hydrate(sql, Posting, rows);
  const marks = postings.map(() => '?').join(', ');
  const open = await sql.query<{ posting_id: string; depends_on: string }>(
    `SELECT d.posting_id, d.depends_on FROM posting_dependency d
     JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.depends_on
     WHERE d.tenant_id = ? AND d.posting_id IN (${marks}) AND p.state NOT IN ('POSTED', 'SUPERSEDED')`,
    [lane.tenantId, ...postings.map((posting) => posting.id)],
  );
  return postings.map((posting) => ({
    posting,
    waitsFor: open.filter((row) => row.posting_id === posting.id).map((row) => row.depends_on),
  }));
}

/** Writes down, before anything is sent, that these may be sent: whoever takes the lane over looks no further than its beginning. */
async function doubt(sql: Sql, lane: { tenantId: string }, page: Waiting[]): Promise<void> {
  const sent = new Set<string>();
  for (const { posting, waitsFor } of page) if (waitsFor.every((id) => sent.has(id))) sent.add(posting.id);
  const marks = [...sent].map(() => '?').join(', ');
  await sql.query(`UPDATE posting SET state = 'UNCERTAIN' WHERE tenant_id = ? AND id IN (${marks})`, [lane.tenantId, ...sent]);
}

/**
 * Doubts what a silent owner may have loaded: the first postings that were never settled, and any that was sent again after a
 * rejection, since those move in front of what it had loaded.
 */
async function doubtSent(sql: Sql, { tenantId, id }: { tenantId: string; id: string }): Promise<void> {
  const fresh = { tenantId, lane: id, state: PostingState.PENDING, settledAtMs: null };
  const last = (await selectRows(sql, Posting, { where: fresh, orderBy: 'sequence', limit: POSTINGS_PER_CLAIM_MAX })).at(-1);
  await sql.query(
    `UPDATE posting SET state = 'UNCERTAIN' WHERE tenant_id = ? AND lane = ? AND state = 'PENDING' AND (settled_at_ms IS NOT NULL OR sequence <= ?)`,
    [tenantId, id, last?.sequence ?? -1],
  );
}

/** Postings of a lane that wait for nothing any more. */
const READY = `FROM posting p WHERE p.tenant_id = ? AND p.lane = ? AND p.state IN ('PENDING', 'UNCERTAIN') AND NOT EXISTS (
  SELECT 1 FROM posting_dependency d JOIN posting q ON q.tenant_id = d.tenant_id AND q.id = d.depends_on
  WHERE d.tenant_id = p.tenant_id AND d.posting_id = p.id AND q.state NOT IN ('POSTED', 'SUPERSEDED'))`;

export async function hasReady(sql: Sql, lane: { tenantId: string; id: string }): Promise<boolean> {
  return (await sql.query(`SELECT 1 ${READY} LIMIT 1`, [lane.tenantId, lane.id])).length > 0;
}
