import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, JsonColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';

/** What one unit of a product costs for one billing period when it is sold alone, before tax. */
@ObjectType({ simpleResolvers: true })
export class PriceBookEntry {
  @Field(() => ID)
  productId: string;

  unitPriceMinor: string;
  currency: string;

  @Field(() => Money)
  get unitPrice(): Money {
    return money(BigInt(this.unitPriceMinor), this.currency);
  }
}

/** Stand-alone selling prices in one currency, for a time. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('price_book')
export class PriceBook extends Resource {
  @Field()
  @TextColumn('external_key')
  key: string;

  @Field()
  @TextColumn('name')
  name: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  @Field(() => LocalDate)
  @DayColumn('valid_from')
  validFrom: string;

  @Field(() => LocalDate, { nullable: true, description: 'Last day; null until further notice.' })
  @DayColumn('valid_to', { nullable: true })
  validTo: string | null;

  @JsonColumn('price_entries')
  priceEntries: { productId: string; unitPriceMinor: string }[];

  @Field(() => [PriceBookEntry])
  get entries(): PriceBookEntry[] {
    return this.priceEntries.map((entry) => Object.assign(new PriceBookEntry(), entry, { currency: this.currency }));
  }
}
