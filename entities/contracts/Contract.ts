import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, JsonColumn, TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { ProrationPolicy } from '../terms/proration';
import { BillingTiming, ChargeKind, type ContractTerms, type LineStep } from '../terms/terms';
import { LocalDate, Money, money, Node } from '../types';

export enum ContractState {
  ACTIVE = 'ACTIVE',
  CANCELLED = 'CANCELLED',
}
registerEnumType(ContractState, { name: 'ContractState' });
registerEnumType(ProrationPolicy, { name: 'ProrationPolicy', description: 'How a charge for a whole billing period is divided when only a part of it is used.' });
registerEnumType(ChargeKind, { name: 'ChargeKind' });
registerEnumType(BillingTiming, { name: 'BillingTiming' });

@ObjectType({ simpleResolvers: true })
export class ContractLine {
  @Field(() => ID)
  productId: string;

  @Field()
  productKey: string;

  /** Absent on lines recorded before there were several lines of a product: the product's key. */
  lineKey?: string;

  @Field({ description: 'Whole units, after the last change that is known; `termsOn` tells those of a day.' })
  quantity: string;

  unitPriceMinor: string;
  currency: string;

  @Field(() => Money, { description: 'Price of one unit for one billing period, before tax.' })
  get unitPrice(): Money {
    return money(BigInt(this.unitPriceMinor), this.currency);
  }
}

/** How a line is charged and how it changes over time; absent on lines recorded before lines had dates. */
export interface ContractLine {
  charge?: ChargeKind;
  periodMonths?: number;
  timing?: BillingTiming;
  steps?: LineStep[];
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

  @JsonColumn('terms', { nullable: true })
  termSpans: ContractTerms['terms'] | null;

  @Field(() => LocalDate, { nullable: true, description: 'From this day on nothing is used or owed any more.' })
  @DayColumn('cancelled_from', { nullable: true })
  cancelledFrom: string | null;

  @JsonColumn('billed_by', { nullable: true })
  billedBy: ContractTerms['billedBy'] | null;

  @JsonColumn('suspensions', { nullable: true })
  suspensions: ContractTerms['suspensions'] | null;

  @Field(() => ProrationPolicy, { description: 'How a part of a billing period is charged.' })
  @TextColumn('proration', 20, { default: ProrationPolicy.DAY_ACTUAL })
  proration: ProrationPolicy;

  @JsonColumn('renewal', { nullable: true })
  renewal: RenewalRule | null;

  @Field(() => ID, { nullable: true, description: 'The price book its prices were taken from and are compared with.' })
  @IdColumn('price_book_id', { nullable: true })
  priceBookId: string | null;

  @Field(() => LocalDate, { nullable: true, description: 'The next day on which its terms change by themselves.' })
  @DayColumn('next_change_on', { nullable: true })
  nextChangeOn: string | null;
}

/** How a contract goes on when its term ends, unless somebody says otherwise. */
export interface RenewalRule {
  /** Months of each further term. */
  months: number;
  /** By how many percent prices rise with each, up to four decimals; "0" for not at all. */
  upliftPercent: string;
}
