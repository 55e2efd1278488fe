import { Posting, PostingState } from '../entities/operations/Posting';
import { selectRows, type Sql } from '../entities/rows';

/** Postings of a lane that one claim loads. */
export const PAGE_ROWS = 20;
/** What still has to be sent or looked up. */
export const UNSETTLED = [PostingState.PENDING, PostingState.UNCERTAIN];

export interface Waiting {
  posting: Posting;
  /** Ids of postings that are not in the books yet. */
  waitsFor: string[];
}

interface Place {
  tenantId: string;
  id: string;
  takenOver?: boolean;
}

/**
 * The next unsettled postings of each lane in order, each with what it still waits for; when all at a lane's beginning are held up,
 * those from the first that is free, lest a lane stand still behind one rejected document. What the silent owner of a lane taken over may
 * have sent is UNCERTAIN from here on, whoever sends it and however often the lane changes hands before that.
 */
export async function loadLanes(sql: Sql, lanes: readonly Place[]): Promise<Waiting[][]> {
  for (const lane of lanes) if (lane.takenOver) await doubtSent(sql, lane);
  const pages = await loadPages(sql, lanes.map((lane) => ({ ...lane, fromSequence: 0 })));
  for (const [index, page] of pages.entries()) {
    if (page.length === PAGE_ROWS && !page.some(isFree)) pages[index] = await loadBehind(sql, lanes[index]!, page);
  }
  return pages;
}

/** What of a page is sent if all goes well: what waits for nothing but others of the page before it. */
export function sendable(page: readonly Waiting[]): Waiting[] {
  const sent = new Set<string>();
  return page.filter(({ posting, waitsFor }) => waitsFor.every((id) => sent.has(id)) && sent.add(posting.id));
}

const isFree = ({ waitsFor }: Waiting) => waitsFor.length === 0;

/** The page from the first posting that waits for nothing, or `blocked` if there is none. */
async function loadBehind(sql: Sql, lane: Place, blocked: Waiting[]): Promise<Waiting[]> {
  const [ready] = await sql.query<{ sequence: unknown }>(`SELECT p.sequence ${READY} ORDER BY p.sequence LIMIT 1`, [lane.tenantId, lane.id]);
  if (!ready) return blocked;
  const from = [{ ...lane, fromSequence: Number(ready.sequence) }];
  const [page] = await loadPages(sql, from);
  await doubt(sql, lane, page!);
  return (await loadPages(sql, from))[0]!;
}

interface From extends Place {
  fromSequence: number;
}

async function loadPages(sql: Sql, lanes: readonly From[]): Promise<Waiting[][]> {
  const pages: Waiting[][] = lanes.map(() => []);
  for (const tenantId of new Set(lanes.map((lane) => lane.tenantId))) {
    const places = lanes.flatMap((lane, place) => (lane.tenantId === tenantId ? [place] : []));
    const ids = await firstOf(sql, places.map((place) => lanes[place]!));
    const postings = await load(sql, tenantId, ids.flat());
    const waits = await openDependencies(sql, tenantId, [...postings.keys()]);
    for (const [index, place] of places.entries()) {
      pages[place] = ids[index]!.map((id) => ({ posting: postings.get(id)!, waitsFor: waits.get(id) ?? [] }));
    }
  }
  return pages;
}

async function load(sql: Sql, tenantId: string, ids: readonly string[]): Promise<Map<string, Posting>> {
  if (ids.length === 0) return new Map();
  const postings = await selectRows(sql, Posting, { where: { tenantId, id: ids } });
  return new Map(postings.map((posting) => [posting.id, posting]));
}

/** The first unsettled postings of lanes of one tenant, by one look at the index; where one lane has so many that the look ends there, lane by lane. */
async function firstOf(sql: Sql, lanes: readonly From[]): Promise<string[][]> {
  const limit = lanes.length * PAGE_ROWS * 2;
  const isOne = lanes.length === 1 || lanes.some(({ fromSequence }) => fromSequence > 0);
  const rows = isOne ? [] : await sql.query<Entry>(
    `SELECT lane, sequence, id FROM posting WHERE tenant_id = ? AND lane IN (${lanes.map(() => '?').join(', ')}) AND state IN ('PENDING', 'UNCERTAIN')
     ORDER BY lane, state, sequence LIMIT ${limit}`,
    [lanes[0]!.tenantId, ...lanes.map(({ id }) => id)],
  );
  if (isOne || rows.length === limit) return Promise.all(lanes.map((lane) => firstOfLane(sql, lane)));
  const found = new Map<string, Entry[]>(lanes.map(({ id }) => [id, []]));
  for (const row of rows) found.get(row.lane)!.push(row);
  return lanes.map(({ id }) => firstPage(found.get(id)!));
}

interface Entry {
  lane: string;
  sequence: unknown;
  id: string;
}

const firstPage = (entries: Entry[]) => entries.sort((a, b) => Number(a.sequence) - Number(b.sequence)).slice(0, PAGE_ROWS).map(({ id }) => id);

/** One state at a time, so that the index gives the first rows in order and no more are touched, however many wait. */
async function firstOfLane(sql: Sql, { tenantId, id, fromSequence }: From): Promise<string[]> {
  const selects = UNSETTLED.map((state) => `SELECT lane, sequence, id FROM posting WHERE tenant_id = ? AND lane = ? AND state = '${state}' AND sequence >= ? ORDER BY sequence LIMIT ${PAGE_ROWS}`);
  const text = selects.map((select) => (sql.dialect === 'mysql' ? `(${select})` : `SELECT * FROM (${select})`)).join(' UNION ALL ');
  return firstPage(await sql.query<Entry>(text, UNSETTLED.flatMap(() => [tenantId, id, fromSequence])));
}

/** Posting → what it waits for. What was superseded together with that, since it was loaded, waits for it for ever. */
async function openDependencies(sql: Sql, tenantId: string, ids: readonly string[]): Promise<Map<string, string[]>> {
  const open = new Map<string, string[]>();
  if (ids.length === 0) return open;
  const rows = await sql.query<{ posting_id: string; depends_on: string }>(
    `SELECT d.posting_id, d.depends_on FROM posting_dependency d
     JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.depends_on
     JOIN posting w ON w.tenant_id = d.tenant_id AND w.id = d.posting_id
     WHERE d.tenant_id = ? AND d.posting_id IN (${ids.map(() => '?').join(', ')})
       AND (p.state NOT IN ('POSTED', 'SUPERSEDED') OR w.state NOT IN ('PENDING', 'UNCERTAIN'))`,
    [tenantId, ...ids],
  );
  for (const { posting_id, depends_on } of rows) open.set(posting_id, [...(open.get(posting_id) ?? []), depends_on]);
  return open;
}

/** Writes down, before anything is sent, that these may be sent: whoever takes the lane over looks no further than its beginning. */
async function doubt(sql: Sql, lane: Place, page: Waiting[]): Promise<void> {
  const sent = sendable(page).map(({ posting }) => posting.id);
  const marks = sent.map(() => '?').join(', ');
  await sql.query(`UPDATE posting SET state = 'UNCERTAIN' WHERE tenant_id = ? AND id IN (${marks})`, [lane.tenantId, ...sent]);
}

/**
 * Doubts what a silent owner may have loaded: the first postings that were never settled, and any that was sent again after a
 * rejection, since those move in front of what it had loaded.
 */
async function doubtSent(sql: Sql, { tenantId, id }: Place): Promise<void> {
  const fresh = { tenantId, lane: id, state: PostingState.PENDING, settledAtMs: null };
  const last = (await selectRows(sql, Posting, { where: fresh, orderBy: 'sequence', limit: PAGE_ROWS })).at(-1);
  await sql.query(
    `UPDATE posting SET state = 'UNCERTAIN' WHERE tenant_id = ? AND lane = ? AND state = 'PENDING' AND (settled_at_ms IS NOT NULL OR sequence <= ?)`,
    [tenantId, id, last?.sequence ?? -1],
  );
}

const BLOCKED = `SELECT 1 FROM posting_dependency d JOIN posting q ON q.tenant_id = d.tenant_id AND q.id = d.depends_on
  WHERE d.tenant_id = p.tenant_id AND d.posting_id = p.id AND q.state NOT IN ('POSTED', 'SUPERSEDED')`;
/** Postings of a lane that wait for nothing any more. */
const READY = `FROM posting p WHERE p.tenant_id = ? AND p.lane = ? AND p.state IN ('PENDING', 'UNCERTAIN') AND NOT EXISTS (${BLOCKED})`;

/** Which of a tenant's lanes have a posting that waits for nothing. */
export async function lanesReady(sql: Sql, tenantId: string, lanes: readonly string[]): Promise<Set<string>> {
  if (lanes.length === 0) return new Set();
  const rows = await sql.query<{ id: string }>(
    `SELECT l.id FROM lane l WHERE l.tenant_id = ? AND l.id IN (${lanes.map(() => '?').join(', ')}) AND EXISTS (SELECT 1 FROM posting p
     WHERE p.tenant_id = l.tenant_id AND p.lane = l.id AND p.state IN ('PENDING', 'UNCERTAIN') AND NOT EXISTS (${BLOCKED}))`,
    [tenantId, ...lanes],
  );
  return new Set(rows.map(({ id }) => id));
}
