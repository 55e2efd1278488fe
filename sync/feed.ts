import { Change } from '../entities/operations/Change';
import { Refusal } from '../entities/refusal';
import { hydrate, shapeOf, type Sql } from '../entities/rows';

const PAGE_ROWS = 200;

/** Reads a cursor: the position of the last change seen, as a decimal string; absent is the beginning. Refuses CURSOR_MALFORMED. */
export function parseCursor(cursor: string | null | undefined): number {
  if (cursor === null || cursor === undefined || cursor === '') return 0;
  if (!/^\d{1,15}$/.test(cursor)) throw new Refusal('CURSOR_MALFORMED', `${JSON.stringify(cursor)} is no cursor of this feed.`, 'after');
  return Number(cursor);
}

/** The tenant's changes after a position, in order. */
export async function changesAfter(reads: Sql, tenantId: string, page: { after: number; limit: number }): Promise<Change[]> {
  const { list } = shapeOf(reads.source, Change);
  const text = `SELECT ${list} FROM \`change\` WHERE tenant_id = ? AND position > ? ORDER BY position LIMIT ${page.limit}`;
  return hydrate(reads, Change, await reads.query(text, [tenantId, page.after]));
}

/** Says when the log has grown. */
export interface LogSignal {
  /** Resolves at the next growth, or after a while in case the growth was another process's. */
  grown(signal: AbortSignal): Promise<void>;
}

/** Follows the tenant's changes after a position until the signal aborts: first what is there, then what comes. */
export async function* follow(reads: Sql, log: LogSignal, from: { tenantId: string; after: number; signal: AbortSignal }): AsyncGenerator<Change> {
  let { after } = from;
  while (!from.signal.aborted) {
    const growth = log.grown(from.signal);
    const page = await changesAfter(reads, from.tenantId, { after, limit: PAGE_ROWS });
    for (const change of page) {
      after = change.position!;
      yield change;
    }
    if (page.length < PAGE_ROWS) await growth;
  }
}
