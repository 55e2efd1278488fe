import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';

export enum ApplicationState {
  APPLIED = 'APPLIED',
  UNAPPLIED = 'UNAPPLIED',
}
registerEnumType(ApplicationState, { name: 'ApplicationState' });

/** Cash applied to one invoice, with the rule and the evidence that tied them. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('payment_application')
export class PaymentApplication extends Resource {
  @Field(() => ID)
  @IdColumn('payment_id')
  paymentId: string;

  @IdColumn('invoice_id')
  invoiceId: string;

  @IdColumn('customer_id')
  customerId: string;

  @Field(() => ApplicationState)
  @TextColumn('state', 20)
  state: ApplicationState;

  @Field(() => LocalDate)
  @DayColumn('applied_date')
  appliedDate: string;

  @TextColumn('currency', 3)
  currency: string;

  @MinorColumn('amount_minor')
  amountMinor: bigint;

  @Field({ description: 'MANUAL, or the matching rule that found the invoice.' })
  @TextColumn('rule', 40)
  rule: string;

  @Field({ description: 'What the rule saw.' })
  @TextColumn('evidence')
  evidence: string;

  @Field(() => Money)
  get amount(): Money {
    return money(this.amountMinor, this.currency);
  }
}
