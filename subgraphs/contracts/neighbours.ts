import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Node } from '../../entities/types';

@Directive('@key(fields: "id")')
@ObjectType('Customer', { implements: Node, simpleResolvers: true })
export class CustomerOfContract extends Node {
  @Field(() => ID)
  override id: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('LegalEntity', { implements: Node, simpleResolvers: true })
export class LegalEntityOfContract extends Node {
  @Field(() => ID)
  override id: string;
}

export const NEIGHBOURS: Function[] = [CustomerOfContract, LegalEntityOfContract];
