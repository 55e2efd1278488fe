import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Node } from '../types';

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

  @Field(() => ID, { nullable: true })
  @IdColumn('parent_id', { nullable: true })
  parentId: string | null;
}
