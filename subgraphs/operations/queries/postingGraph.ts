import DataLoader from 'dataloader';
import { Posting } from '../../../entities/operations/Posting';
import { PostingDependency } from '../../../entities/operations/PostingDependency';
import { anyOf, selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';
import { byId } from '../../loaders';
import { stepsOf } from '../rules';

/** Neighbours of one posting that are shown at most. */
const NEIGHBOURS_MAX = 100;

/** The side of the posting that is asked about, and the other side of a dependency. */
const SIDES = { waitsFor: ['posting_id', 'depends_on'], holds: ['depends_on', 'posting_id'] } as const;

/** What a posting still waits for, or what waits for it, batched: the first 100 of each, those queued first before others. */
export async function postingGraph(context: RequestContext, id: string, side: keyof typeof SIDES): Promise<Posting[]> {
  const loader = context.loader(`postings.${side}`, () => new DataLoader<string, string[]>((ids) => neighbours(context, ids, side)));
  const found = await Promise.all((await loader.load(id)).map((other) => byId(Posting, context, other)));
  return found.filter((posting) => posting !== null);
}

async function neighbours(context: RequestContext, ids: readonly string[], side: keyof typeof SIDES): Promise<string[][]> {
  const [mine, other] = SIDES[side];
  const any = anyOf(context.reads, ids);
  const rows = await context.reads.query<{ mine: string; other: string }>(
    `SELECT mine, other FROM (SELECT d.${mine} AS mine, d.${other} AS other, ROW_NUMBER() OVER (PARTITION BY d.${mine} ORDER BY o.created_at_ms, o.id) AS place
       FROM posting_dependency d JOIN posting w ON w.tenant_id = d.tenant_id AND w.id = d.posting_id
       JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.depends_on JOIN posting o ON o.tenant_id = d.tenant_id AND o.id = d.${other}
       WHERE d.tenant_id = ? AND d.${mine} ${any.text} AND w.state IN ('PENDING', 'UNCERTAIN') AND p.state NOT IN ('POSTED', 'SUPERSEDED')) waits
     WHERE place <= ${NEIGHBOURS_MAX} ORDER BY place`,
    [context.principal.tenantId, ...any.params],
  );
  const found = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const row of rows) found.get(row.mine)!.push(row.other);
  return ids.map((id) => found.get(id)!);
}

/** Postings in the order of their steps: each after those that it depends on. */
export async function inSteps<Item>(context: RequestContext, items: readonly Item[], of: (item: Item) => Posting): Promise<Item[]> {
  const ids = items.map((item) => of(item).id);
  if (ids.length === 0) return [];
  const needs = await selectRows(context.reads, PostingDependency, { where: { tenantId: context.principal.tenantId, postingId: ids } });
  const steps = stepsOf(ids, needs);
  return [...items].sort((a, b) => steps.get(of(a).id)! - steps.get(of(b).id)!);
}
