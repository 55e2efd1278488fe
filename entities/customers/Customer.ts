import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { FlagColumn, IdColumn, MinorColumn, TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { Money, money, Node } from '../types';

/** Who is billed: one record for all systems, known to each by the same id. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('customer')
export class Customer extends Resource {
  @Field({ description: 'The key of the customer in the system that owns it.' })
  @TextColumn('external_key')
  key: string;

  @Field()
  @TextColumn('name')
  name: string;

  @Field(() => String, { nullable: true })
  @TextColumn('email', 191, { nullable: true })
  email: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 3166-1 alpha-2.' })
  @TextColumn('country_code', 2, { nullable: true })
  countryCode: string | null;

  @Field({ description: 'ISO 4217 code the customer is billed in.' })
  @TextColumn('currency', 3)
  currency: string;

  @Field(() => String, { nullable: true, description: 'Its tax number, if it is a business.' })
  @TextColumn('tax_number', 40, { nullable: true })
  taxNumber: string | null;

  @Field(() => Int, { nullable: true, description: 'Days from an invoice to its due date; 30 if null.' })
  @WholeColumn('payment_terms_days', { nullable: true })
  paymentTermsDays: number | null;

  @MinorColumn('credit_limit_minor', { nullable: true })
  creditLimitMinor: bigint | null;

  @Field(() => Money, { nullable: true, description: 'How much it may owe, billed and sold; no limit if null.' })
  get creditLimit(): Money | null {
    return this.creditLimitMinor === null ? null : money(this.creditLimitMinor, this.currency);
  }

  @Field(() => ID, { nullable: true })
  @IdColumn('parent_id', { nullable: true })
  parentId: string | null;

  @IdColumn('payer_id', { nullable: true })
  payerId: string | null;

  @Field({ description: 'Whether the billing run puts all that a day brings for it on one invoice of each legal entity and currency.' })
  @FlagColumn('consolidates_invoices')
  consolidatesInvoices: boolean;

  @IdColumn('merged_into_id', { nullable: true })
  mergedIntoId: string | null;
}
