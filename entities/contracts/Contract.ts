import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, JsonColumn, TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';

export enum ContractState {
  ACTIVE = 'ACTIVE',
  CANCELLED = 'CANCELLED',
}
registerEnumType(ContractState, { name: 'ContractState' });

@ObjectType({ simpleResolvers: true })
export class ContractLine {
  @Field(() => ID)
  productId: string;

  @Field()
  productKey: string;

  @Field({ description: 'Whole units.' })
  quantity: string;

  unitPriceMinor: string;
  currency: string;

  @Field(() => Money, { description: 'Price of one unit for one billing period, before tax.' })
  get unitPrice(): Money {
    return money(BigInt(this.unitPriceMinor), this.currency);
  }
}

const linesOf = (lines: ContractLine[]) => lines.map((line) => Object.assign(new ContractLine(), line));

/** What was sold to whom, for how long and at which price. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('contract')
export class Contract extends Resource {
  @Field()
  @TextColumn('number')
  number: string;

  @IdColumn('customer_id')
  customerId: string;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field(() => ContractState)
  @TextColumn('state', 20)
  state: ContractState;

  @Field(() => LocalDate)
  @DayColumn('start_date')
  startDate: string;

  @Field(() => LocalDate, { description: 'Last day of the term.' })
  @DayColumn('end_date')
  endDate: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  @JsonColumn('line_items')
  lineItems: ContractLine[];

  @Field(() => [ContractLine])
  get lines(): ContractLine[] {
    return linesOf(this.lineItems);
  }

  @Field(() => String, { nullable: true, description: 'Why the latest version was made.' })
  @TextColumn('reason', 191, { nullable: true })
  reason: string | null;

  @Field(() => Int, { nullable: true, description: 'The version that the latest one takes back; it has the terms of the one before that.' })
  @WholeColumn('withdraws', { nullable: true })
  withdraws: number | null;
}
