import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { ResourceType } from '../../entities/ids';
import { Node } from '../../entities/types';

/** A resource of another domain, known here by its id: operations adds its sync status. */
function stubOf(name: ResourceType): new () => Node {
  @Directive('@key(fields: "id")')
  @ObjectType(name, { implements: Node, simpleResolvers: true })
  class Stub extends Node {
    @Field(() => ID)
    override id: string;
  }
  return Stub;
}

/** Every resource of the other domains. */
export const STUBS = {
  Customer: stubOf('Customer'),
  LegalEntity: stubOf('LegalEntity'),
  Product: stubOf('Product'),
  ProductAccounting: stubOf('ProductAccounting'),
  PriceBook: stubOf('PriceBook'),
  TaxRegistration: stubOf('TaxRegistration'),
  Contract: stubOf('Contract'),
  ContractAmendment: stubOf('ContractAmendment'),
  CustomerSubscription: stubOf('CustomerSubscription'),
  Invoice: stubOf('Invoice'),
  CreditMemo: stubOf('CreditMemo'),
  RevenueJournal: stubOf('RevenueJournal'),
  AccountingPeriod: stubOf('AccountingPeriod'),
  Meter: stubOf('Meter'),
  UsagePeriod: stubOf('UsagePeriod'),
  Payment: stubOf('Payment'),
  PaymentApplication: stubOf('PaymentApplication'),
  BankStatement: stubOf('BankStatement'),
  CollectionCase: stubOf('CollectionCase'),
} as const;

export const NEIGHBOURS: Function[] = Object.values(STUBS);
