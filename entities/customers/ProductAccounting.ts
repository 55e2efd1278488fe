import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { RevenueMethod } from '../terms/revenue';
import { Node } from '../types';

registerEnumType(RevenueMethod, { name: 'RevenueMethod', description: 'How the revenue of what is sold is spread over its time.' });

/** How the books of one legal entity take what is sold of one product; without it they take it as the product says. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('product_accounting')
export class ProductAccounting extends Resource {
  @Field(() => ID)
  @IdColumn('product_id')
  productId: string;

  @Field(() => ID)
  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field({ description: 'General-ledger account of its revenue.' })
  @TextColumn('revenue_account', 20)
  revenueAccount: string;

  @Field(() => String, { nullable: true, description: 'Account where what is billed waits until it is earned.' })
  @TextColumn('deferred_account', 20, { nullable: true })
  deferredAccount: string | null;

  @Field()
  @TextColumn('tax_code', 20)
  taxCode: string;

  @Field({ description: 'Percent, up to four decimals.' })
  @TextColumn('tax_rate_percent', 10)
  taxRatePercent: string;

  @Field(() => RevenueMethod)
  @TextColumn('revenue_method', 20)
  revenueMethod: RevenueMethod;
}
