import { Posting, PostingState } from '../entities/operations/Posting';
import { hydrate, selectRows, shapeOf, type Sql } from '../entities/rows';

/** Postings of a lane that one claim loads. */
export const PAGE_ROWS = 20;
/** Lanes loaded by one statement. */
const LANES_PER_STATEMENT = 100;
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

/** One lane and state at a time, so that the index gives the first rows in order and no more are touched, however many wait. */
const firstOf = (list: string, place: number, state: PostingState) =>
  `SELECT ${place} AS place, ${list} FROM posting WHERE tenant_id = ? AND lane = ? AND state = '${state}' AND sequence >= ? ORDER BY sequence LIMIT ${PAGE_ROWS}`;

async function loadPages(sql: Sql, lanes: readonly (Place & { fromSequence: number })[]): Promise<Waiting[][]> {
  const pages: Posting[][] = lanes.map(() => []);
  for (let from = 0; from < lanes.length; from += LANES_PER_STATEMENT) {
    const some = lanes.slice(from, from + LANES_PER_STATEMENT);
    const doubtful = await lanesInDoubt(sql, some);
    const wanted = some.flatMap((lane, index) => (doubtful.has(`${lane.tenantId}/${lane.id}`) ? UNSETTLED : [PostingState.PENDING]).map((state) => ({ lane, state, place: from + index })));
    for (const { place, posting } of await loadFirst(sql, wanted)) pages[place]!.push(posting);
  }
  const firsts = pages.map((page) => page.sort((a, b) => a.sequence - b.sequence).slice(0, PAGE_ROWS));
  const waits = await openDependencies(sql, firsts.flat());
  return firsts.map((page) => page.map((posting) => ({ posting, waitsFor: waits.get(`${posting.tenantId}/${posting.id}`) ?? [] })));
}

async function loadFirst(sql: Sql, wanted: readonly { lane: Place & { fromSequence: number }; state: PostingState; place: number }[]): Promise<{ place: number; posting: Posting }[]> {
  const { list } = shapeOf(sql.source, Posting);
  const selects = wanted.map(({ state, place }) => firstOf(list, place, state)).map((select) => (sql.dialect === 'mysql' ? `(${select})` : `SELECT * FROM (${select})`));
  const rows = await sql.query(selects.join(' UNION ALL '), wanted.flatMap(({ lane }) => [lane.tenantId, lane.id, lane.fromSequence]));
  return hydrate(sql, Posting, rows).map((posting, index) => ({ place: Number(rows[index]!.place), posting }));
}

/** Few lanes have anything in doubt: one jump of the index each tells. */
async function lanesInDoubt(sql: Sql, lanes: readonly Place[]): Promise<Set<string>> {
  const marks = lanes.map(() => '(tenant_id = ? AND lane = ?)').join(' OR ');
  const rows = await sql.query<{ tenant_id: string; lane: string }>(
    `SELECT tenant_id, lane FROM posting WHERE state = 'UNCERTAIN' AND (${marks}) GROUP BY tenant_id, lane`,
    lanes.flatMap(({ tenantId, id }) => [tenantId, id]),
  );
  return new Set(rows.map(({ tenant_id, lane }) => `${tenant_id}/${lane}`));
}

/** Posting → what it waits for. */
async function openDependencies(sql: Sql, postings: readonly Posting[]): Promise<Map<string, string[]>> {
  const open = new Map<string, string[]>();
  for (const tenantId of new Set(postings.map((posting) => posting.tenantId))) {
    const ids = postings.filter((posting) => posting.tenantId === tenantId).map(({ id }) => id);
    const rows = await sql.query<{ posting_id: string; depends_on: string }>(
      `SELECT d.posting_id, d.depends_on FROM posting_dependency d
       JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.depends_on
       WHERE d.tenant_id = ? AND d.posting_id IN (${ids.map(() => '?').join(', ')}) AND p.state NOT IN ('POSTED', 'SUPERSEDED')`,
      [tenantId, ...ids],
    );
    for (const { posting_id, depends_on } of rows) open.set(`${tenantId}/${posting_id}`, [...(open.get(`${tenantId}/${posting_id}`) ?? []), depends_on]);
  }
  return open;
}

/** Writes down, before anything is sent, that these may be sent: whoever takes the lane over looks no further than its beginning. */
async function doubt(sql: Sql, lane: Place, page: Waiting[]): Promise<void> {
  const sent = new Set<string>();
  for (const { posting, waitsFor } of page) if (waitsFor.every((id) => sent.has(id))) sent.add(posting.id);
  const marks = [...sent].map(() => '?').join(', ');
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

/** Postings of a lane that wait for nothing any more. */
const READY = `FROM posting p WHERE p.tenant_id = ? AND p.lane = ? AND p.state IN ('PENDING', 'UNCERTAIN') AND NOT EXISTS (
  SELECT 1 FROM posting_dependency d JOIN posting q ON q.tenant_id = d.tenant_id AND q.id = d.depends_on
  WHERE d.tenant_id = p.tenant_id AND d.posting_id = p.id AND q.state NOT IN ('POSTED', 'SUPERSEDED'))`;

export async function hasReady(sql: Sql, lane: { tenantId: string; id: string }): Promise<boolean> {
  return (await sql.query(`SELECT 1 ${READY} LIMIT 1`, [lane.tenantId, lane.id])).length > 0;
}
