import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, InstantColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Money, money, Node } from '../types';

export enum ExceptionState {
  OPEN = 'OPEN',
  RESOLVED = 'RESOLVED',
}
registerEnumType(ExceptionState, { name: 'ExceptionState' });

export enum ExceptionKind {
  /** A backend refused a document. */
  POSTING_REJECTED = 'POSTING_REJECTED',
  /** A backend refused a document because its books are closed for the document's date. */
  PERIOD_CLOSED = 'PERIOD_CLOSED',
  /** A backend refused to take back what it has. */
  COMPENSATION_FAILED = 'COMPENSATION_FAILED',
  /** A backend has a document twice. */
  DOUBLE_POSTING = 'DOUBLE_POSTING',
  /** A backend has not answered for long. */
  BACKEND_SILENT = 'BACKEND_SILENT',
  /** Money came in that no rule could place. */
  UNMATCHED_PAYMENT = 'UNMATCHED_PAYMENT',
  /** A bank line came twice under one key with different content. */
  STATEMENT_CONFLICT = 'STATEMENT_CONFLICT',
  /** A contract could not be billed. */
  BILLING_FAILED = 'BILLING_FAILED',
  /** Usage is unlike what was used before. */
  USAGE_HELD = 'USAGE_HELD',
}
registerEnumType(ExceptionKind, { name: 'ExceptionKind' });

/** What a machine could not finish, for a person to finish. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('exception_item')
export class ExceptionItem extends Resource {
  @Field(() => ExceptionKind)
  @TextColumn('kind', 40)
  kind: ExceptionKind;

  @Field(() => ExceptionState)
  @TextColumn('state', 20)
  state: ExceptionState;

  @Field(() => ID)
  @IdColumn('subject_id')
  subjectId: string;

  @IdColumn('customer_id', { nullable: true })
  customerId: string | null;

  @Field(() => String, { nullable: true })
  @TextColumn('owner', 191, { nullable: true })
  owner: string | null;

  @Field()
  @TextColumn('message', 500)
  message: string;

  @Field({ description: 'What to do next.' })
  @TextColumn('next_action', 191)
  nextAction: string;

  @TextColumn('currency', 3, { nullable: true })
  currency: string | null;

  @MinorColumn('at_risk_minor', { nullable: true })
  atRiskMinor: bigint | null;

  @Field(() => String, { nullable: true })
  @TextColumn('resolution', 191, { nullable: true })
  resolution: string | null;

  @InstantColumn('resolved_at_ms', { nullable: true })
  resolvedAtMs: number | null;

  @Field(() => Money, { nullable: true })
  get moneyAtRisk(): Money | null {
    return this.currency === null || this.atRiskMinor === null ? null : money(this.atRiskMinor, this.currency);
  }
}
