import { Directive, Field, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { FlagColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Node } from '../types';

/** What is sold, with the accounts and taxes its revenue goes to. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('product')
export class Product extends Resource {
  @Field()
  @TextColumn('external_key')
  key: string;

  @Field()
  @TextColumn('name')
  name: string;

  @Field({ description: 'General-ledger account of its revenue.' })
  @TextColumn('revenue_account', 20)
  revenueAccount: string;

  @Field()
  @TextColumn('tax_code', 20)
  taxCode: string;

  @Field({ description: 'Percent, up to four decimals: "20", "7.7".' })
  @TextColumn('tax_rate_percent', 10)
  taxRatePercent: string;

  @Field({ description: 'Whether all of it is one performance obligation, as a project is; else each day of it is distinct from the others, as of a service. It decides how the books take changes.' })
  @FlagColumn('one_obligation')
  oneObligation: boolean;
}
