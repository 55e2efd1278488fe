import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import type { Given } from '../../sync/documents';
import { DayColumn, IdColumn, JsonColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';
import { DocumentGiven, InvoiceLine, invoiceLinesOf } from './Invoice';

/** Takes back all or part of one invoice; its amounts are positive and reduce the invoice. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('credit_memo')
export class CreditMemo extends Resource {
  @Field({ description: 'Gapless per legal entity. Where another system numbers, a provisional one until that has it in its books.' })
  @TextColumn('number', 40)
  number: string;

  @Field(() => [DocumentGiven], { description: 'What is provisional, until the authority of its legal entity has it in its books.' })
  @JsonColumn('provisional', { default: '[]' })
  provisional: Given[];

  @Field()
  @TextColumn('reference')
  reference: string;

  @Field(() => ID)
  @IdColumn('invoice_id')
  invoiceId: string;

  @IdColumn('customer_id')
  customerId: string;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field(() => LocalDate)
  @DayColumn('credit_date')
  creditDate: string;

  @Field()
  @TextColumn('reason')
  reason: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  @MinorColumn('net_minor')
  netMinor: bigint;

  @MinorColumn('tax_minor')
  taxMinor: bigint;

  @MinorColumn('total_minor')
  totalMinor: bigint;

  /** What is beyond what was open on its invoice: the customer's until it is applied or paid out. */
  @MinorColumn('unapplied_minor', { default: '0' })
  unappliedMinor: bigint;

  @JsonColumn('line_items')
  lineItems: InvoiceLine[];

  @Field(() => [InvoiceLine])
  get lines(): InvoiceLine[] {
    return invoiceLinesOf(this.lineItems);
  }

  @Field(() => Money)
  get total(): Money {
    return money(this.totalMinor, this.currency);
  }

  @Field(() => Money, { description: 'What was not open any more on its invoice, because it was paid: the customer has it to his credit.' })
  get unapplied(): Money {
    return money(this.unappliedMinor, this.currency);
  }
}
