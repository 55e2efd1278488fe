import { Directive, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, MinorColumn, TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';

export enum StatementState {
  /** The file ties and its lines are being taken in; importing it again goes on where it stopped. */
  IMPORTING = 'IMPORTING',
  IMPORTED = 'IMPORTED',
}
registerEnumType(StatementState, { name: 'StatementState' });

/** One statement of one bank account, whose opening balance and entries tie to its closing balance. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('bank_statement')
export class BankStatement extends Resource {
  @Field()
  @TextColumn('account')
  account: string;

  @Field()
  @TextColumn('statement_number')
  statementNumber: string;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field(() => StatementState)
  @TextColumn('state', 20)
  state: StatementState;

  @Field(() => LocalDate)
  @DayColumn('closing_date')
  closingDate: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  @MinorColumn('opening_minor')
  openingMinor: bigint;

  @MinorColumn('closing_minor')
  closingMinor: bigint;

  @Field(() => Int)
  @WholeColumn('line_count')
  lineCount: number;

  @TextColumn('content_hash', 64)
  contentHash: string;

  @Field(() => Money)
  get opening(): Money {
    return money(this.openingMinor, this.currency);
  }

  @Field(() => Money)
  get closing(): Money {
    return money(this.closingMinor, this.currency);
  }
}
