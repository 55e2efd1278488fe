import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, JsonColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';

export enum CashState {
  UNAPPLIED = 'UNAPPLIED',
  PARTLY_APPLIED = 'PARTLY_APPLIED',
  APPLIED = 'APPLIED',
}
registerEnumType(CashState, { name: 'CashState' });

/** Money that came in. What is not applied to an invoice stays unapplied cash; it never vanishes. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('payment')
export class Payment extends Resource {
  @Field({ description: 'The key of the payment in the system it comes from; the id is computed from it.' })
  @TextColumn('reference')
  reference: string;

  @Field({ description: 'Where it came from: BANK, GATEWAY or MANUAL.' })
  @TextColumn('source', 20)
  source: string;

  @IdColumn('customer_id', { nullable: true })
  customerId: string | null;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field(() => CashState)
  @TextColumn('state', 20)
  state: CashState;

  @Field(() => LocalDate)
  @DayColumn('received_date')
  receivedDate: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  @MinorColumn('amount_minor')
  amountMinor: bigint;

  @MinorColumn('unapplied_minor')
  unappliedMinor: bigint;

  @Field(() => String, { nullable: true })
  @TextColumn('payer_name', 191, { nullable: true })
  payerName: string | null;

  @TextColumn('payer_account', 64, { nullable: true })
  payerAccount: string | null;

  @Field(() => [String], { description: 'References and remittance text as the payer gave them.' })
  @JsonColumn('remittance')
  remittance: string[];

  @Field(() => Money)
  get amount(): Money {
    return money(this.amountMinor, this.currency);
  }

  @Field(() => Money, { description: 'Unapplied cash.' })
  get unapplied(): Money {
    return money(this.unappliedMinor, this.currency);
  }
}
