import type { Sql } from '../entities/rows';

/** How often contracts are looked for whose day has come: a day begins at another instant in each zone. */
export const CALENDAR_LOOK_MS = 300_000;
const CONTRACTS_PER_PAGE = 200;
/** The day begins first 14 hours before it does in UTC. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;

/** The latest calendar day that has begun anywhere on earth. */
export const latestDay = (nowMs: number): string => new Date(nowMs + EARLIEST_ZONE_MS).toISOString().slice(0, 10);

export interface DueContract {
  tenantId: string;
  contractId: string;
}

/** Lets take effect what a contract has agreed for today. */
export type Advance = (due: DueContract) => Promise<unknown>;

/** Contracts of all tenants for which a day may have come, anywhere on earth; read page by page. */
export async function* dueContracts(sql: Sql, nowMs: number): AsyncGenerator<DueContract> {
  const day = latestDay(nowMs);
  const tenants = await sql.query<{ tenant_id: string }>('SELECT tenant_id FROM tenant ORDER BY tenant_id');
  for (const { tenant_id: tenantId } of tenants) {
    for (let after: { next_change_on: string; id: string } | undefined = { next_change_on: '', id: '' }; after; ) {
      const page: { next_change_on: string; id: string }[] = await sql.query(
        `SELECT id, next_change_on FROM contract WHERE tenant_id = ? AND next_change_on <= ? AND (next_change_on > ? OR (next_change_on = ? AND id > ?))
         ORDER BY next_change_on, id LIMIT ${CONTRACTS_PER_PAGE}`,
        [tenantId, day, after.next_change_on, after.next_change_on, after.id],
      );
      for (const { id: contractId } of page) yield { tenantId, contractId };
      after = page.length < CONTRACTS_PER_PAGE ? undefined : page.at(-1);
    }
  }
}

/** One look: every contract whose day may have come gets its turn. One that fails does not keep the others, and is told at the end. */
export async function advanceDue(sql: Sql, how: { nowMs: number; advance: Advance; stopping?: AbortSignal }): Promise<void> {
  const failures: unknown[] = [];
  for await (const contract of dueContracts(sql, how.nowMs)) {
    if (how.stopping?.aborted) return;
    await how.advance(contract).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
