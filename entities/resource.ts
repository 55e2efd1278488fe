import { Field, GraphQLISODateTime, ID, Int, ObjectType } from 'type-graphql';
import { InstantColumn, KeyColumn, TenantColumn, WholeColumn } from './columns';
import { Node } from './types';

/** What every versioned resource has. Version n+1 replaces n; every version stays readable in `resource_version`. */
@ObjectType({ implements: Node, simpleResolvers: true })
export abstract class Resource extends Node {
  @TenantColumn()
  tenantId: string;

  @Field(() => ID)
  @KeyColumn('id')
  override id: string;

  @Field(() => Int)
  @WholeColumn('version')
  version: number;

  @InstantColumn('created_at_ms')
  createdAtMs: number;

  @InstantColumn('updated_at_ms')
  updatedAtMs: number;

  @Field(() => GraphQLISODateTime)
  get createdAt(): Date {
    return new Date(this.createdAtMs);
  }

  @Field(() => GraphQLISODateTime)
  get updatedAt(): Date {
    return new Date(this.updatedAtMs);
  }
}
