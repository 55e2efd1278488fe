import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Node } from '../types';

export enum EntitlementState {
  /** All that is sold is granted. */
  ACTIVE = 'ACTIVE',
  /** An expansion waits until billing and ERP have it; what was granted before stays granted. */
  HELD = 'HELD',
  ENDED = 'ENDED',
}
registerEnumType(EntitlementState, { name: 'EntitlementState' });

/** What a customer may use of one product under one contract. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('subscription')
export class CustomerSubscription extends Resource {
  @IdColumn('customer_id')
  customerId: string;

  @IdColumn('contract_id')
  contractId: string;

  @Field(() => ID)
  @IdColumn('product_id')
  productId: string;

  @Field()
  @TextColumn('product_key')
  productKey: string;

  @Field(() => EntitlementState)
  @TextColumn('state', 20)
  state: EntitlementState;

  @MinorColumn('granted_quantity')
  grantedUnits: bigint;

  @MinorColumn('sold_quantity')
  soldUnits: bigint;

  @Field({ description: 'Whole units the customer may use now.' })
  get grantedQuantity(): string {
    return this.grantedUnits.toString();
  }

  @Field({ description: 'Whole units the contract says; above the granted ones while an expansion is held.' })
  get soldQuantity(): string {
    return this.soldUnits.toString();
  }
}
