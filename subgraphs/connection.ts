import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { Refusal } from '../entities/refusal';
import { hydrate, shapeOf, toDriver } from '../entities/rows';
import { PageInfo } from '../entities/types';
import type { RequestContext } from './context';

type Class<T> = new () => T;
export const PAGE_ROWS_MAX = 200;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 50 })
  first: number;

  @Field(() => String, { nullable: true })
  after: string | null;
}

export interface Connection<T> {
  nodes: T[];
  edges: { cursor: string; node: T }[];
  pageInfo: PageInfo;
}

/** The Relay connection type of an object type. */
export function connectionOf<T extends object>(Type: Class<T>): Class<Connection<T>> {
  @ObjectType(`${Type.name}Edge`, { simpleResolvers: true })
  class Edge {
    @Field()
    cursor: string;

    @Field(() => Type)
    node: T;
  }

  @ObjectType(`${Type.name}Connection`, { simpleResolvers: true })
  class TypeConnection {
    @Field(() => [Type])
    nodes: T[];

    @Field(() => [Edge])
    edges: Edge[];

    @Field()
    pageInfo: PageInfo;
  }
  return TypeConnection;
}

/** One page of the tenant's rows by equality on properties (undefined: no condition), in order of id. Refuses PAGE_SIZE_INVALID. */
export async function page<T extends { id: string }>(
  entity: Class<T>,
  context: RequestContext,
  { first, after, where }: PageArgs & { where: Record<string, unknown> },
): Promise<Connection<T>> {
  if (first < 1 || first > PAGE_ROWS_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${PAGE_ROWS_MAX}.`, 'first');
  const { table, list, columns } = shapeOf(context.reads.source, entity);
  const conditions = ['tenant_id = ?'];
  const params: unknown[] = [context.principal.tenantId];
  for (const [property, value] of Object.entries(where)) {
    if (value === undefined || value === null) continue;
    const column = columns.find((candidate) => candidate.propertyName === property)!;
    conditions.push(`${column.databaseName} = ?`);
    params.push(toDriver(column, value));
  }
  if (after) {
    conditions.push('id > ?');
    params.push(after);
  }
  const text = `SELECT ${list} FROM \`${table}\` WHERE ${conditions.join(' AND ')} ORDER BY id LIMIT ${first + 1}`;
  const rows = hydrate(context.reads, entity, await context.reads.query(text, params));
  const nodes = rows.slice(0, first);
  return {
    nodes,
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    pageInfo: Object.assign(new PageInfo(), { hasNextPage: rows.length > first, endCursor: nodes.at(-1)?.id ?? null }),
  };
}
