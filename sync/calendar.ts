import type { Logger } from 'pino';
import type { Database } from '../entities/database';
import type { Sql } from '../entities/rows';
import type { Clock } from './clock';
import { loggable } from './loggable';

/** How often contracts are looked for whose day has come: a day begins at another instant in each zone. */
const LOOK_MS = 300_000;
const CONTRACTS_PER_LOOK_MAX = 200;
/** The day begins first 14 hours before it does in UTC. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;

export interface DueContract {
  tenantId: string;
  contractId: string;
}

/** Lets take effect what a contract has agreed for today. */
export type Advance = (due: DueContract) => Promise<unknown>;

/** Contracts of all tenants for which a day may have come, anywhere on earth. */
export async function dueContracts(sql: Sql, nowMs: number): Promise<DueContract[]> {
  const day = new Date(nowMs + EARLIEST_ZONE_MS).toISOString().slice(0, 10);
  const rows = await sql.query<{ tenant_id: string; id: string }>(
    `SELECT c.tenant_id, c.id FROM tenant t JOIN contract c ON c.tenant_id = t.tenant_id AND c.next_change_on <= ? LIMIT ${CONTRACTS_PER_LOOK_MAX}`,
    [day],
  );
  return rows.map(({ tenant_id: tenantId, id: contractId }) => ({ tenantId, contractId }));
}

/** Looks every few minutes for contracts whose day has come. One that fails does not keep the others. */
export class CalendarLoop {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: { database: Database; clock: Clock; advance: Advance; log: Pick<Logger, 'error'> }) {}

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { clock } = this.options;
    while (!this.stopping.signal.aborted) {
      await this.look();
      await clock.wait(LOOK_MS, this.stopping.signal);
    }
  }

  private async look(): Promise<void> {
    const { database, clock, advance, log } = this.options;
    const failed = (error: unknown) => log.error({ err: loggable(error) }, 'a contract did not take effect; trying again');
    const due = await dueContracts(database.reads, clock.nowMs()).catch((error: unknown) => (failed(error), []));
    for (const contract of due) {
      if (this.stopping.signal.aborted) return;
      await advance(contract).catch(failed);
    }
  }
}
