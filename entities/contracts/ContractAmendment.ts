import { Directive, Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, JsonColumn, KeyColumn, MinorColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';
import { LocalDate, Money, money, Node } from '../types';

export enum AmendmentKind {
  CREATION = 'CREATION',
  AMENDMENT = 'AMENDMENT',
  RENEWAL = 'RENEWAL',
  TRANSFER = 'TRANSFER',
  SUSPENSION = 'SUSPENSION',
  RESUMPTION = 'RESUMPTION',
  WITHDRAWAL = 'WITHDRAWAL',
  CANCELLATION = 'CANCELLATION',
}
registerEnumType(AmendmentKind, { name: 'AmendmentKind' });

/** One thing that a version of a contract changed: who, when, why, from which day, and what it comes to in money. Never edited. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('contract_amendment')
export class ContractAmendment extends Node {
  @TenantColumn()
  tenantId: string;

  @Field(() => ID)
  @KeyColumn('id')
  override id: string;

  @IdColumn('contract_id')
  contractId: string;

  @Field(() => Int, { description: 'The version of the contract that it made, alone or with others.' })
  @WholeColumn('contract_version')
  contractVersion: number;

  @Field(() => AmendmentKind)
  @TextColumn('kind', 20)
  kind: AmendmentKind;

  @Field(() => LocalDate, { description: 'From this day on the parties owe each other what it says.' })
  @DayColumn('effective_date')
  effectiveDate: string;

  @Field(() => LocalDate, { description: 'From this day on the customer may use what it adds.' })
  @DayColumn('activation_date')
  activationDate: string;

  @Field(() => LocalDate, { nullable: true, description: 'The day on which the customer accepted it, if that is known.' })
  @DayColumn('acceptance_date', { nullable: true })
  acceptanceDate: string | null;

  @Field()
  @TextColumn('reason')
  reason: string;

  @Field({ description: 'The public name of the token that asked for it.' })
  @TextColumn('client', 80)
  client: string;

  @Field()
  @TextColumn('role', 20)
  role: string;

  @InstantColumn('recorded_at_ms')
  recordedAtMs: number;

  @Field(() => [String], { description: 'What it changed, for people.' })
  @JsonColumn('changes')
  changes: string[];

  @TextColumn('currency', 3)
  currency: string;

  @MinorColumn('value_before_minor')
  valueBeforeMinor: bigint;

  @MinorColumn('value_after_minor')
  valueAfterMinor: bigint;

  @Field(() => String, { nullable: true, description: 'How the books take it (ASC 606), and why; null if it changes nothing that is sold.' })
  @TextColumn('treatment', 500, { nullable: true })
  treatment: string | null;

  @Field(() => GraphQLISODateTime)
  get recordedAt(): Date {
    return new Date(this.recordedAtMs);
  }

  @Field(() => Money, { description: 'What the contract came to over all its time before, tax excepted.' })
  get valueBefore(): Money {
    return money(this.valueBeforeMinor, this.currency);
  }

  @Field(() => Money)
  get valueAfter(): Money {
    return money(this.valueAfterMinor, this.currency);
  }
}
