import type { Logger } from 'pino';
import type { Database } from '../entities/database';
import type { Sql } from '../entities/rows';
import type { Clock } from './clock';
import { loggable } from './loggable';

/** How often due holds are looked for. */
const LOOK_MS = 60_000;
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

/** Looks once a minute for postings that wait for a closed period to open and are to be tried again. */
export class HoldLoop {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: { database: Database; clock: Clock; release: Release; log: Pick<Logger, 'error'> }) {}

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { database, clock, release, log } = this.options;
    while (!this.stopping.signal.aborted) {
      await releaseDue(database.reads, clock.nowMs(), release).catch((error: unknown) => {
        log.error({ err: loggable(error) }, 'sending held postings again failed; trying again');
      });
      await clock.wait(LOOK_MS, this.stopping.signal);
    }
  }
}
