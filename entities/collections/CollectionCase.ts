import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Node } from '../types';

export enum CaseState {
  OPEN = 'OPEN',
  REMINDED = 'REMINDED',
  FINAL_NOTICE = 'FINAL_NOTICE',
  ESCALATED = 'ESCALATED',
  CLOSED = 'CLOSED',
}
registerEnumType(CaseState, { name: 'CaseState' });

/** The collection of what one customer owes one legal entity. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('collection_case')
export class CollectionCase extends Resource {
  @IdColumn('customer_id')
  customerId: string;

  @Field(() => ID)
  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field(() => CaseState)
  @TextColumn('state', 20)
  state: CaseState;

  @Field(() => String, { nullable: true })
  @TextColumn('close_reason', 191, { nullable: true })
  closeReason: string | null;
}
