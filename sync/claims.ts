import { Lane } from '../entities/operations/Lane';
import { hydrate, shapeOf, type Sql } from '../entities/rows';
import { admit, type DueChannel } from './channels';

export interface ClaimedLane {
  tenantId: string;
  id: string;
  channel: string;
  fence: number;
  failures: number;
  /** Where the lane ended when it was claimed: what comes later is not yet loaded. */
  nextSequence: number;
  leaseEndsMs: number;
  /** The lease of an earlier owner ran out: whatever it sent is uncertain. */
  takenOver: boolean;
  /** Its channel is, or was, in trouble. */
  troubled: boolean;
  /** It tries whether the channel's open breaker may close. */
  probe: boolean;
}

/** A channel that has something due, with the lanes there is room for. */
export interface WantedChannel {
  channel: DueChannel;
  lanes: number;
}

export interface ClaimRequest {
  owner: string;
  nowMs: number;
  leaseMs: number;
  /** How long a probe of an open breaker may take before the next. */
  probeMs: number;
  wanted: readonly WantedChannel[];
}

/**
 * Claims due lanes of channels, those due the longest first, each with a new fencing token. Lanes that others are claiming are passed over;
 * channels whose breaker is open are named as refused.
 */
export async function claimLanes(sql: Sql, request: ClaimRequest): Promise<{ lanes: ClaimedLane[]; refused: string[] }> {
  const { owner, nowMs, leaseMs, wanted } = request;
  const admissions = await admit(sql, wanted.map(({ channel }) => channel), request);
  const found: Lane[] = [];
  for (const { channel, lanes } of wanted) {
    const admission = admissions.get(channel.name);
    if (admission) found.push(...(await lockDue(sql, channel, { lanes: admission.probe ? 1 : lanes, nowMs })));
  }
  const refused = wanted.map(({ channel }) => channel.name).filter((name) => !admissions.has(name));
  const leaseEndsMs = nowMs + leaseMs;
  const takeoverMs = leaseEndsMs + clockSkewMs(leaseMs);
  for (const tenantId of new Set(found.map((lane) => lane.tenantId))) {
    const ids = found.filter((lane) => lane.tenantId === tenantId).map(({ id }) => id);
    const text = `UPDATE lane ${byKey(sql)} SET owner = ?, fence = fence + 1, due_at_ms = ? WHERE tenant_id = ? AND id IN (${marksOf(ids)})`;
    await sql.query(text, [owner, takeoverMs, tenantId, ...ids]);
  }
  const lanes = found.map((lane) => {
    const { tenantId, id, channel, fence, failures, nextSequence } = lane;
    return { tenantId, id, channel, fence: fence + 1, failures, nextSequence, leaseEndsMs, takenOver: lane.owner !== null, ...admissions.get(channel)! };
  });
  return { lanes, refused };
}

/** Nobody takes a lane over before this time after its lease: by so much may the clock of another process be ahead of its owner's. */
export const clockSkewMs = (leaseMs: number) => Math.floor(leaseMs / 6);

const marksOf = (ids: readonly string[]) => ids.map(() => '?').join(', ');
const byKey = (sql: Sql) => (sql.dialect === 'mysql' ? 'FORCE INDEX (PRIMARY)' : '');
/** When others were quicker with what is due first, so many times as much is looked at. */
const WIDER = 8;

/**
 * Looks first and then locks what it saw by its key, in the order of keys: a scan that locks also touches the row after its last, which belongs
 * to another channel, and locks in an order that can close a circle with those who give lanes back.
 */
async function lockDue(sql: Sql, { name, tenantId }: DueChannel, { lanes, nowMs }: { lanes: number; nowMs: number }): Promise<Lane[]> {
  const { list } = shapeOf(sql.source, Lane);
  if (sql.dialect === 'sqlite') {
    return hydrate(sql, Lane, await sql.query(`SELECT ${list} FROM lane WHERE channel = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ${lanes}`, [name, nowMs]));
  }
  const look = async (limit: number) =>
    (await sql.query<{ id: string }>(`SELECT id FROM lane WHERE channel = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ${limit}`, [name, nowMs])).map(({ id }) => id);
  const lock = async (ids: string[], limit: number) => {
    if (ids.length === 0 || limit === 0) return [];
    const text = `SELECT ${list} FROM lane ${byKey(sql)} WHERE tenant_id = ? AND id IN (${marksOf(ids)}) AND due_at_ms <= ? LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
    return hydrate(sql, Lane, await sql.query(text, [tenantId, ...ids, nowMs]));
  };
  const seen = await look(lanes);
  const free = await lock(seen, lanes);
  if (free.length === seen.length) return inOrder(free, seen);
  const wider = (await look(lanes * WIDER)).filter((id) => !seen.includes(id));
  return inOrder([...free, ...(await lock(wider, lanes - free.length))], [...seen, ...wider]);
}

const inOrder = (lanes: Lane[], ids: readonly string[]) => lanes.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
