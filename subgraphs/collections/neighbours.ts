import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Node } from '../../entities/types';

@Directive('@key(fields: "id")')
@ObjectType('Customer', { implements: Node, simpleResolvers: true })
export class CustomerOfCase extends Node {
  @Field(() => ID)
  override id: string;
}

export const NEIGHBOURS: Function[] = [CustomerOfCase];
