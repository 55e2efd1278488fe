import { UsageEvent } from '../../../entities/invoices/UsageEvent';
import type { UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { Refusal } from '../../../entities/refusal';
import { hydrate, shapeOf } from '../../../entities/rows';
import { PageInfo } from '../../../entities/types';
import { PAGE_ROWS_MAX } from '../../connection';
import type { RequestContext } from '../../context';
import { UsageEventPage } from '../api/usage';

/** The events of a period in order of their days, those taken back included; so many behind a cursor. Refuses PAGE_SIZE_INVALID, CURSOR_MALFORMED. */
export async function eventsOf(context: RequestContext, { contractId, meterId, from, until }: UsagePeriod, { first, after }: { first: number; after: string | null }): Promise<UsageEventPage> {
  if (first < 1 || first > PAGE_ROWS_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${PAGE_ROWS_MAX}.`, 'first');
  const cursor = /^(\d{4}-\d{2}-\d{2})\.([0-9a-f]{32})$/.exec(after ?? `${from}.${'0'.repeat(32)}`);
  if (!cursor) throw new Refusal('CURSOR_MALFORMED', 'after is an endCursor of an earlier page.', 'after');
  const { list } = shapeOf(context.reads.source, UsageEvent);
  const [, day, key] = cursor;
  const rows = await context.reads.query(
    `SELECT ${list} FROM usage_event WHERE tenant_id = ? AND contract_id = ? AND meter_id = ? AND on_day >= ? AND on_day < ? AND (on_day > ? OR event_key > ?) ORDER BY on_day, event_key LIMIT ${first + 1}`,
    [context.principal.tenantId, contractId, meterId, day, until, day, key],
  );
  const events = hydrate(context.reads, UsageEvent, rows);
  const nodes = events.slice(0, first);
  const last = nodes.at(-1);
  return Object.assign(new UsageEventPage(), { nodes, pageInfo: Object.assign(new PageInfo(), { hasNextPage: events.length > first, endCursor: last ? `${last.onDay}.${last.eventKey}` : null }) });
}
