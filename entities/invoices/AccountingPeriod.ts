import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, JsonColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Node } from '../types';

export enum PeriodState {
  OPEN = 'OPEN',
  /** Its close has begun: what is missing is looked for. */
  PENDING_CLOSE = 'PENDING_CLOSE',
  CLOSED = 'CLOSED',
}
registerEnumType(PeriodState, { name: 'PeriodState' });

/** A month of one legal entity's books. A month that nobody has touched is open, and has no record. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('accounting_period')
export class AccountingPeriod extends Resource {
  @Field(() => ID)
  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field({ description: 'YYYY-MM.' })
  @TextColumn('month', 7)
  month: string;

  @Field(() => PeriodState)
  @TextColumn('state', 20)
  state: PeriodState;

  @Field(() => String, { nullable: true, description: 'Why it was reopened last.' })
  @TextColumn('reason', 191, { nullable: true })
  reason: string | null;

  @Field(() => String, { nullable: true, description: 'SHA-256 of its report as it was closed.' })
  @TextColumn('report_hash', 64, { nullable: true })
  reportHash: string | null;

  @JsonColumn('report', { nullable: true })
  report: string | null;
}
