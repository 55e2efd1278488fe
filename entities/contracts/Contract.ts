import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, JsonColumn, TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { ProrationPolicy } from '../terms/proration';
import { addDays } from '../terms/days';
import { lineTermsOf, termsOf } from '../terms/ofContract';
import { describePlan, RatingModel } from '../terms/rating';
import { BillingTiming, ChargeKind, type ContractTerms, type LineMeter, lineOn, type LineStep, type LineTerms, rateOn } from '../terms/terms';
import { LocalDate, Money, money, Node } from '../types';

export enum ContractState {
  ACTIVE = 'ACTIVE',
  /** Its term has ended and nobody has renewed it. */
  EXPIRED = 'EXPIRED',
  CANCELLED = 'CANCELLED',
}
registerEnumType(ContractState, { name: 'ContractState' });
registerEnumType(ProrationPolicy, { name: 'ProrationPolicy', description: 'How a charge for a whole billing period is divided when only a part of it is used.' });
registerEnumType(ChargeKind, { name: 'ChargeKind' });
registerEnumType(BillingTiming, { name: 'BillingTiming' });
registerEnumType(RatingModel, { name: 'RatingModel', description: 'How the units that a meter counted become an amount.' });

/** From a day on, another quantity or another price. */
@ObjectType({ simpleResolvers: true })
export class ContractLineStep {
  @Field(() => LocalDate)
  from: string;

  @Field({ description: 'Whole units.' })
  quantity: string;

  @Field(() => Money)
  unitPrice: Money;

  @Field(() => String, { nullable: true, description: 'What usage costs, in words, on a line that is charged by it.' })
  usagePlan: string | null;

  @Field(() => LocalDate, { description: 'The day from which the customer may use it.' })
  activates: string;
}

@ObjectType({ simpleResolvers: true })
export class ContractLine {
  @Field(() => ID)
  productId: string;

  @Field()
  productKey: string;

  @Field({ description: 'Names the line within its contract; the key of its product unless there are several lines of it.' })
  lineKey: string;

  @Field({ description: 'Whole units in force when the version was made.' })
  quantity: string;

  unitPriceMinor: string;
  currency: string;

  @Field(() => ChargeKind)
  charge: ChargeKind;

  @Field(() => Int, { description: 'Months of one billing period.' })
  periodMonths: number;

  @Field(() => BillingTiming)
  timing: BillingTiming;

  stepList: LineStep[];
  meter?: LineMeter;

  @Field(() => ID, { nullable: true, description: 'What counts its usage, on a line that is charged by it.' })
  get meterId(): string | null {
    return this.meter?.meterId ?? null;
  }

  @Field(() => Money, { description: 'Price of one unit for one billing period, before tax.' })
  get unitPrice(): Money {
    return money(BigInt(this.unitPriceMinor), this.currency);
  }

  @Field(() => [ContractLineStep], { description: 'All of its changes that are known, past and to come, by day.' })
  get steps(): ContractLineStep[] {
    return this.stepList.map((step) => {
      const { quantity, unitPriceMinor } = lineOn({ steps: this.stepList }, step.from);
      const { from, activates = from } = step;
      const plan = rateOn({ steps: this.stepList }, from);
      return Object.assign(new ContractLineStep(), { from, activates, usagePlan: plan ? describePlan(plan) : null, quantity: quantity.toString(), unitPrice: money(unitPriceMinor, this.currency) });
    });
  }
}

/** A line as it is recorded; what has no dates is of a time before lines had any. */
export interface RecordedLine extends Partial<Omit<LineTerms, 'productId' | 'productKey'>> {
  productId: string;
  productKey: string;
  quantity: string;
  unitPriceMinor: string;
  currency: string;
}

/** A time without service and without charge. */
@ObjectType({ simpleResolvers: true })
export class Suspension {
  @Field(() => LocalDate)
  from: string;

  @Field(() => LocalDate, { nullable: true, description: 'The day on which it is over; null until further notice.' })
  until: string | null;
}

/** One of the terms of a contract. */
@ObjectType({ simpleResolvers: true })
export class ContractTerm {
  @Field(() => LocalDate)
  startDate: string;

  @Field(() => LocalDate, { description: 'Last day.' })
  endDate: string;
}

const linesOf = (lines: readonly RecordedLine[], startDate: string) =>
  lines.map((line) => {
    const { steps, ...terms } = lineTermsOf(line, startDate);
    const { quantity, unitPriceMinor, currency } = line;
    return Object.assign(new ContractLine(), terms, { quantity, unitPriceMinor, currency, stepList: steps });
  });

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
  lineItems: RecordedLine[];

  @Field(() => [ContractLine], { description: 'The lines in force when the version was made; `allLines` has those taken away and those to come besides.' })
  get lines(): ContractLine[] {
    return this.allLines.filter(({ quantity }) => quantity !== '0');
  }

  @Field(() => [ContractLine])
  get allLines(): ContractLine[] {
    return linesOf(this.lineItems, this.startDate);
  }

  @Field(() => [ContractTerm], { description: 'The first term and each renewal.' })
  get terms(): ContractTerm[] {
    return termsOf(this).terms.map(({ from, until }) => Object.assign(new ContractTerm(), { startDate: from, endDate: addDays(until, -1) }));
  }

  @Field(() => [Suspension])
  get suspended(): Suspension[] {
    return (this.suspensions ?? []).map((pause) => Object.assign(new Suspension(), pause));
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

  @JsonColumn('owned_by', { nullable: true })
  ownedBy: ContractTerms['ownedBy'] | null;

  @JsonColumn('suspensions', { nullable: true })
  suspensions: ContractTerms['suspensions'] | null;

  @Field(() => ProrationPolicy, { description: 'How a part of a billing period is charged.' })
  @TextColumn('proration', 20, { default: ProrationPolicy.DAY_ACTUAL })
  proration: ProrationPolicy;

  @Field(() => LocalDate, { nullable: true, description: 'Billing periods from this day on are billed by the billing run; null if invoices are asked for one by one.' })
  @DayColumn('billing_from', { nullable: true })
  billingFrom: string | null;

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
