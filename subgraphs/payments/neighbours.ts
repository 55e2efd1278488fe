import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Node } from '../../entities/types';

@Directive('@key(fields: "id")')
@ObjectType('Customer', { implements: Node, simpleResolvers: true })
export class CustomerOfPayment extends Node {
  @Field(() => ID)
  override id: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Invoice', { implements: Node, simpleResolvers: true })
export class InvoiceOfPayment extends Node {
  @Field(() => ID)
  override id: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('LegalEntity', { implements: Node, simpleResolvers: true })
export class LegalEntityOfPayment extends Node {
  @Field(() => ID)
  override id: string;
}

export const NEIGHBOURS: Function[] = [CustomerOfPayment, InvoiceOfPayment, LegalEntityOfPayment];
