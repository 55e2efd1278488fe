import type { Database } from '../entities/database';
import type { Lease } from '../entities/operations/Lease';
import { type Sql, updateMany, updateRow } from '../entities/rows';
import { lockLease, readLease, tryLease } from './leases';

const BATCH_ROWS_MAX = 1_000;

interface Unplaced {
  tenant_id: string;
  id: string;
  resource_id: string;
  version: unknown;
}

/**
 * Gives committed changes their place in the log. Places are given after commit, by one writer under a row lock, so a reader who
 * asks for "position > cursor" can never be overtaken by a late commit. Returns how many were placed.
 */
export function sequence(database: Database): Promise<number> {
  return database.transaction(async (sql) => place(sql, await lockLease(sql, 'sequencer')));
}

/** The same, unless another process is at it: null. */
export function trySequence(database: Database): Promise<number | null> {
  return database.transaction(async (sql) => {
    const lease = await tryLease(sql, 'sequencer');
    return lease ? place(sql, lease) : null;
  });
}

async function place(sql: Sql, lease: Lease): Promise<number> {
  const rows = await sql.query<Unplaced>(
    `SELECT tenant_id, id, resource_id, version FROM \`change\` WHERE position IS NULL ORDER BY id LIMIT ${BATCH_ROWS_MAX}`,
  );
  if (rows.length === 0) return 0;
  const ordered = inVersionOrder(rows);
  const places = ordered.map((row, index) => [row.tenant_id, row.id, lease.counter + index + 1]);
  await updateMany(sql, 'change', { keys: ['tenant_id', 'id'], sets: ['position'], rows: places });
  lease.counter += ordered.length;
  await updateRow(sql, lease);
  return ordered.length;
}

/** Whether there are changes without a place: one look that locks nothing. */
export async function hasUnplaced(reads: Sql): Promise<boolean> {
  return (await reads.query('SELECT 1 FROM `change` WHERE position IS NULL LIMIT 1')).length > 0;
}

/** The last place given so far. */
export async function lastPlace(reads: Sql): Promise<number> {
  return (await readLease(reads, 'sequencer'))?.counter ?? 0;
}

/** Ids follow clocks, and clocks of two processes differ; versions of one resource must still come in order. */
export function inVersionOrder<Row extends { tenant_id: string; resource_id: string; version: unknown }>(rows: readonly Row[]): Row[] {
  const waiting = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.tenant_id}|${row.resource_id}`;
    waiting.set(key, [...(waiting.get(key) ?? []), row]);
  }
  for (const group of waiting.values()) group.sort((a, b) => Number(a.version) - Number(b.version));
  return rows.map((row) => waiting.get(`${row.tenant_id}|${row.resource_id}`)!.shift()!);
}
