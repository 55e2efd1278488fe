import type { Sql } from '../entities/rows';

/** How often due holds are looked for. */
export const HOLDS_LOOK_MS = 60_000;
export const TENANTS_PER_LOOK_MAX = 100;
/** So many postings of a tenant are sent again at one look: a month of refused documents must not flood its backend. */
export const RELEASED_PER_LOOK_MAX = 200;

/** Sends postings of a tenant again that have waited long enough for a closed period; returns how many. */
export type Release = (tenantId: string) => Promise<number>;

/** Tenants with holds that are due, the longest overdue first. */
export async function tenantsWithDueHolds(sql: Sql, nowMs: number): Promise<string[]> {
  const text = `SELECT tenant_id FROM period_hold WHERE due_at_ms <= ? GROUP BY tenant_id ORDER BY MIN(due_at_ms) LIMIT ${TENANTS_PER_LOOK_MAX}`;
  return (await sql.query<{ tenant_id: string }>(text, [nowMs])).map((row) => row.tenant_id);
}

/** One look: every tenant with due holds gets its turn. */
export async function releaseDue(sql: Sql, nowMs: number, release: Release): Promise<number> {
  let released = 0;
  for (const tenantId of await tenantsWithDueHolds(sql, nowMs)) released += await release(tenantId);
  return released;
}
