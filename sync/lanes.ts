import { Computed, type Sql } from '../entities/rows';

/** Far enough in the future to mean "nothing to do". */
export const LANE_IDLE_MS = 9_000_000_000_000_000;

export interface LaneDemand {
  id: string;
  backend: string;
  channel: string;
  count: number;
}

/** Whose documents, to where, of which legal entity. */
export interface Destination {
  backend: string;
  legalEntityCode: string | null;
}

/** The lane of one customer's documents; those of one lane keep their order. */
export const laneIdOf = (customer: string, { backend, legalEntityCode }: Destination): string => `${customer}/${backend}/${legalEntityCode ?? '-'}`;

/** The channel that a lane belongs to: its circuit breaker and its limits are those of the legal entity's books in that backend. */
export const channelOf = (tenantId: string, { backend, legalEntityCode }: Destination): string => `${backend}/${tenantId}/${legalEntityCode ?? '-'}`;

/** The parts of a channel's name. */
export function partsOfChannel(name: string): Destination & { tenantId: string } {
  const [backend, tenantId, entity] = name.split('/') as [string, string, string];
  return { backend, tenantId, legalEntityCode: entity === '-' ? null : entity };
}

/** Where names that begin with `prefix/` begin and end in an index: "0" comes after "/". */
export const below = (prefix: string): [from: string, before: string] => [`${prefix}/`, `${prefix}0`];

/**
 * Reserves places at the end of lanes and makes them due at once. The rows stay locked until the transaction ends, so places
 * are in commit order. What is inserted after it in the same transaction takes its place by `placeIn`.
 */
export async function reservePlaces(sql: Sql, { tenantId, demands }: { tenantId: string; demands: LaneDemand[] }, nowMs: number): Promise<void> {
  const lanes = [...demands].sort((a, b) => (a.id < b.id ? -1 : 1));
  const values = lanes.map(() => '(?, ?, ?, ?, ?, ?, NULL, 0, 0)').join(', ');
  const params = lanes.flatMap(({ id, backend, channel, count }) => [tenantId, id, backend, channel, count, nowMs]);
  const update =
    sql.dialect === 'mysql'
      ? `ON DUPLICATE KEY UPDATE next_sequence = next_sequence + VALUES(next_sequence),
         due_at_ms = IF(owner IS NULL AND failures = 0, LEAST(due_at_ms, VALUES(due_at_ms)), due_at_ms)`
      : `ON CONFLICT (tenant_id, id) DO UPDATE SET next_sequence = next_sequence + excluded.next_sequence,
         due_at_ms = CASE WHEN owner IS NULL AND failures = 0 THEN MIN(due_at_ms, excluded.due_at_ms) ELSE due_at_ms END`;
  await sql.query(
    `INSERT INTO lane (tenant_id, id, backend, channel, next_sequence, due_at_ms, owner, fence, failures) VALUES ${values} ${update}`,
    params,
  );
}

/** The place `fromEnd` places before the end of a lane, read by the database while it inserts the row that takes it. */
export function placeIn(lane: { tenantId: string; id: string }, fromEnd: number): Computed {
  return new Computed('(SELECT next_sequence - ? FROM lane WHERE tenant_id = ? AND id = ?)', [fromEnd, lane.tenantId, lane.id]);
}

/**
 * Makes lanes due at once, also if they were backing off. A claimed lane keeps its lease; leaving out a place in it tells who gives it back,
 * which waits for this transaction, that there is something new to look for.
 */
export async function makeDue(sql: Sql, which: { tenantId: string; lanes: string[] }, nowMs: number): Promise<void> {
  if (which.lanes.length === 0) return;
  const lanes = [...new Set(which.lanes)].sort();
  const marks = lanes.map(() => '?').join(', ');
  await sql.query(
    `UPDATE lane SET due_at_ms = CASE WHEN owner IS NULL THEN ? ELSE due_at_ms END, failures = CASE WHEN owner IS NULL THEN 0 ELSE failures END,
     next_sequence = CASE WHEN owner IS NULL THEN next_sequence ELSE next_sequence + 1 END WHERE tenant_id = ? AND id IN (${marks})`,
    [nowMs, which.tenantId, ...lanes],
  );
}

/** A channel's backend answers again: lanes that backed off from it are due. */
export async function wakeChannel(sql: Sql, { tenantId, channel }: { tenantId: string; channel: string }, nowMs: number): Promise<void> {
  await sql.query(
    'UPDATE lane SET due_at_ms = ?, failures = 0 WHERE tenant_id = ? AND channel = ? AND due_at_ms > ? AND due_at_ms < ? AND owner IS NULL AND failures > 0',
    [nowMs, tenantId, channel, nowMs, LANE_IDLE_MS],
  );
}

/**
 * Ends the leases of a process that is known to be gone, as when an SQLite file, which belongs to one process, is opened anew. The
 * lanes keep their owner's name, so whoever claims them next looks up what may have been sent.
 */
export async function expireLeases(sql: Sql, nowMs: number): Promise<void> {
  await sql.query('UPDATE lane SET due_at_ms = ? WHERE owner IS NOT NULL', [nowMs]);
}
