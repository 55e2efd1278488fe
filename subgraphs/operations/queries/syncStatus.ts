import DataLoader from 'dataloader';
import { ExceptionItem, ExceptionState } from '../../../entities/operations/ExceptionItem';
import type { PostingState } from '../../../entities/operations/Posting';
import { anyOf, selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';
import { SyncStatus } from '../api';
import { backendState, isUnsettled, lagSeconds, type PostingCount, syncState } from '../rules';

/** The sync status of a resource, batched: a fixed number of statements for all resources asked for at once, however many. */
export function syncStatus(context: RequestContext, id: string): Promise<SyncStatus> {
  return context.loader('sync', () => new DataLoader<string, SyncStatus>((ids) => load(context, ids))).load(id);
}

/** The correlation id of the latest change of a resource. */
export function latestCorrelation(context: RequestContext, id: string): Promise<string | null> {
  const loader = context.loader('correlation', () => {
    return new DataLoader<string, string | null>(async (ids) => {
      const any = anyOf(context.reads, ids);
      const rows = await context.reads.query<{ resource_id: string; correlation_id: string }>(
        `SELECT resource_id, correlation_id FROM (SELECT resource_id, correlation_id, ROW_NUMBER() OVER
           (PARTITION BY resource_id ORDER BY version DESC, id DESC) AS place FROM \`change\`
           WHERE tenant_id = ? AND resource_id ${any.text}) latest WHERE place = 1`,
        [context.principal.tenantId, ...any.params],
      );
      const found = new Map(rows.map((row) => [row.resource_id, row.correlation_id]));
      return ids.map((key) => found.get(key) ?? null);
    });
  });
  return loader.load(id);
}

interface Row {
  about: string;
  id: string;
  backend: string;
  state: PostingState;
  created_at_ms: unknown;
}

async function load(context: RequestContext, ids: readonly string[]): Promise<SyncStatus[]> {
  const contracts = await contractsOf(context, ids);
  const asked = [...new Set([...ids, ...contracts.values()])];
  const rows = await postingsOf(context, asked);
  const unsettled = rows.filter(isUnsettled);
  const waits = await waitsOf(context, unsettled.map((row) => row.id));
  const exceptions = await exceptionsOf(context, [...ids, ...rows.filter((row) => row.state === 'REJECTED').map((row) => row.id)]);
  const nowMs = context.engine.clock.nowMs();
  const rowsAbout = groupBy(rows, (row) => row.about);
  const waitsOfPosting = groupBy(waits, (wait) => wait.posting_id);
  const exceptionsAbout = groupBy(exceptions, (item) => item.subjectId);
  return ids.map((id) => {
    const contract = contracts.get(id);
    const about = rowsAbout.get(contract ?? id) ?? [];
    const mine = contract ? about.filter((row) => row.backend === 'saas') : about;
    const own = [...new Set(mine.map((row) => row.id))];
    const open = [id, ...own].flatMap((subject) => exceptionsAbout.get(subject) ?? []);
    const heldBy = own.flatMap((posting) => waitsOfPosting.get(posting) ?? []).map((wait) => wait.depends_on);
    return statusOf(id, { mine, open, heldBy: [...new Set(heldBy)], nowMs });
  });
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function statusOf(id: string, at: { mine: Row[]; open: ExceptionItem[]; heldBy: string[]; nowMs: number }): SyncStatus {
  const counts: PostingCount[] = at.mine.map((row) => ({ backend: row.backend, state: row.state, oldestMs: Number(row.created_at_ms) }));
  return Object.assign(new SyncStatus(), {
    resourceId: id,
    state: syncState(counts, at.open.length),
    billing: backendState(counts, 'billing'),
    erp: backendState(counts, 'erp'),
    crm: backendState(counts, 'crm'),
    saas: backendState(counts, 'saas'),
    lag: lagSeconds(counts, at.nowMs),
    heldBy: at.heldBy,
    exceptions: at.open,
  });
}

/** Subscriptions are posted with their contract. */
async function contractsOf(context: RequestContext, ids: readonly string[]): Promise<Map<string, string>> {
  const subscriptions = ids.filter((id) => id.startsWith('sub_'));
  if (subscriptions.length === 0) return new Map();
  const any = anyOf(context.reads, subscriptions);
  const rows = await context.reads.query<{ id: string; contract_id: string }>(
    `SELECT id, contract_id FROM subscription WHERE tenant_id = ? AND id ${any.text}`,
    [context.principal.tenantId, ...any.params],
  );
  return new Map(rows.map((row) => [row.id, row.contract_id]));
}

/** Unsettled and rejected postings one by one; of those in the books one row for each resource and backend. */
async function postingsOf(context: RequestContext, ids: string[]): Promise<Row[]> {
  const any = anyOf(context.reads, ids);
  const one = (column: string) => `
    SELECT ${column} AS about, id, backend, state, created_at_ms FROM posting
      WHERE tenant_id = ? AND ${column} ${any.text} AND state IN ('PENDING', 'UNCERTAIN', 'REJECTED')
    UNION ALL SELECT ${column} AS about, MIN(id) AS id, backend, 'POSTED' AS state, MIN(created_at_ms) AS created_at_ms FROM posting
      WHERE tenant_id = ? AND ${column} ${any.text} AND state IN ('POSTED', 'SUPERSEDED') GROUP BY ${column}, backend`;
  const params = [context.principal.tenantId, ...any.params];
  return context.reads.query<Row>(`${one('resource_id')} UNION ALL ${one('related_id')}`, [...params, ...params, ...params, ...params]);
}

async function waitsOf(context: RequestContext, postings: string[]): Promise<{ posting_id: string; depends_on: string }[]> {
  if (postings.length === 0) return [];
  const any = anyOf(context.reads, postings);
  return context.reads.query(
    `SELECT d.posting_id, d.depends_on FROM posting_dependency d JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.depends_on
     WHERE d.tenant_id = ? AND d.posting_id ${any.text} AND p.state NOT IN ('POSTED', 'SUPERSEDED')`,
    [context.principal.tenantId, ...any.params],
  );
}

async function exceptionsOf(context: RequestContext, subjects: string[]): Promise<ExceptionItem[]> {
  const where = { tenantId: context.principal.tenantId, subjectId: [...new Set(subjects)], state: ExceptionState.OPEN };
  return selectRows(context.reads, ExceptionItem, { where });
}
