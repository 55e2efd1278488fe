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

export interface ClaimRequest {
  owner: string;
  nowMs: number;
  leaseMs: number;
  /** How long a probe of an open breaker may take before the next. */
  probeMs: number;
  /** Channels that have something due, each with the lanes there is room for. */
  wanted: readonly { channel: DueChannel; lanes: number }[];
}

const keysOf = (lanes: Lane[]) => lanes.flatMap((lane) => [lane.tenantId, lane.id]);
const marksOf = (lanes: Lane[]) => lanes.map(() => '(tenant_id = ? AND id = ?)').join(' OR ');

/** Claims due lanes of channels, those due the longest first, each with a new fencing token. Lanes that others are claiming are passed over. */
export async function claimLanes(sql: Sql, request: ClaimRequest): Promise<ClaimedLane[]> {
  const { owner, nowMs, leaseMs, wanted } = request;
  const admissions = await admit(sql, wanted.map(({ channel }) => channel), request);
  const found: Lane[] = [];
  for (const { channel, lanes } of wanted) {
    const admission = admissions.get(channel.name);
    if (admission) found.push(...(await lockDue(sql, { channel: channel.name, lanes: admission.probe ? 1 : lanes, nowMs })));
  }
  if (found.length === 0) return [];
  const leaseEndsMs = nowMs + leaseMs;
  await sql.query(`UPDATE lane ${byKey(sql)} SET owner = ?, fence = fence + 1, due_at_ms = ? WHERE ${marksOf(found)}`, [owner, leaseEndsMs, ...keysOf(found)]);
  return found.map((lane) => {
    const { tenantId, id, channel, fence, failures, nextSequence } = lane;
    return { tenantId, id, channel, fence: fence + 1, failures, nextSequence, leaseEndsMs, takenOver: lane.owner !== null, ...admissions.get(channel)! };
  });
}

const byKey = (sql: Sql) => (sql.dialect === 'mysql' ? 'FORCE INDEX (PRIMARY)' : '');

/**
 * Looks first and then locks what it saw by its key: a scan that locks also touches the row after its last, which belongs to another
 * channel, whose runner would pass it over and sleep. Only when others were quicker with all of it, it locks while it scans.
 */
async function lockDue(sql: Sql, { channel, lanes, nowMs }: { channel: string; lanes: number; nowMs: number }): Promise<Lane[]> {
  const { list } = shapeOf(sql.source, Lane);
  const scan = async (lock: string) =>
    hydrate(sql, Lane, await sql.query(`SELECT ${list} FROM lane WHERE channel = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ${lanes} ${lock}`, [channel, nowMs]));
  const seen = await scan('');
  if (sql.dialect === 'sqlite' || seen.length === 0) return seen;
  const text = `SELECT ${list} FROM lane ${byKey(sql)} WHERE (${marksOf(seen)}) AND due_at_ms <= ? ORDER BY due_at_ms FOR UPDATE SKIP LOCKED`;
  const free = hydrate(sql, Lane, await sql.query(text, [...keysOf(seen), nowMs]));
  return free.length > 0 ? free : scan('FOR UPDATE SKIP LOCKED');
}
