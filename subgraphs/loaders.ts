import DataLoader from 'dataloader';
import { Refusal } from '../entities/refusal';
import { hydrate, selectRows, shapeOf } from '../entities/rows';
import type { RequestContext } from './context';

type Class<T> = new () => T;

/** One resource by id, batched with the others of the request: one statement for all of a kind. Null if the tenant has none. */
export function byId<T extends { id: string }>(entity: Class<T>, context: RequestContext, id: string): Promise<T | null> {
  const loader = context.loader(`${entity.name}.id`, () => {
    return new DataLoader<string, T | null>(async (ids) => {
      const rows = await selectRows(context.reads, entity, { where: { tenantId: context.principal.tenantId, id: [...ids] } });
      const found = new Map(rows.map((row) => [row.id, row]));
      return ids.map((key) => found.get(key) ?? null);
    });
  });
  return loader.load(id);
}

export interface ChildrenOf {
  /** Property of the child that names its parent. */
  parent: string;
  parentId: string;
  first: number;
}

export const CHILDREN_MAX = 100;

/** The latest children of a parent, batched: one statement for all parents of the request. */
export function childrenOf<T extends object>(entity: Class<T>, context: RequestContext, { parent, parentId, first }: ChildrenOf): Promise<T[]> {
  if (first < 1 || first > CHILDREN_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${CHILDREN_MAX}.`, 'first');
  const loader = context.loader(`${entity.name}.${parent}.${first}`, () => {
    const { table, list, columns } = shapeOf(context.reads.source, entity);
    const column = columns.find((candidate) => candidate.propertyName === parent)!.databaseName;
    return new DataLoader<string, T[]>(async (ids) => {
      const rows = await context.reads.query(
        `SELECT * FROM (SELECT ${list}, ROW_NUMBER() OVER (PARTITION BY ${column} ORDER BY created_at_ms DESC, id) AS place
           FROM \`${table}\` WHERE tenant_id = ? AND ${column} IN (${ids.map(() => '?').join(', ')})) ranked WHERE place <= ? ORDER BY place`,
        [context.principal.tenantId, ...ids, first],
      );
      const children = hydrate(context.reads, entity, rows);
      return ids.map((id) => children.filter((child) => (child as Record<string, unknown>)[parent] === id));
    });
  });
  return loader.load(parentId);
}
