import { Field, ID, ObjectType } from 'type-graphql';
import { LocalDate, Money } from '../types';

/** What will be charged for one billing period of one line, if nothing changes until then. */
@ObjectType({ simpleResolvers: true })
export class PreviewedCharge {
  @Field()
  lineKey: string;

  @Field(() => ID)
  legalEntityId: string;

  @Field(() => LocalDate, { description: 'First day of the billing period.' })
  periodFrom: string;

  @Field(() => LocalDate, { description: 'The day on which it may be billed.' })
  billOn: string;

  @Field(() => Money, { description: 'Before tax.' })
  amount: Money;
}

@ObjectType({ simpleResolvers: true })
export class PreviewedLine {
  @Field()
  lineKey: string;

  @Field(() => LocalDate)
  periodFrom: string;

  @Field(() => Money, { description: 'Before tax; below zero on what is credited.' })
  net: Money;

  @Field(() => Money)
  tax: Money;

  @Field(() => [String], { description: 'How it comes about: each stretch of the period with its units, price and share.' })
  parts: string[];
}

/** What a billing run of today would issue to one customer in the books of one legal entity: charges in an invoice, what is below zero as credit memos. */
@ObjectType({ simpleResolvers: true })
export class PreviewedBilling {
  @Field(() => ID)
  legalEntityId: string;

  @Field(() => ID, { description: 'Whose contract it is then; its payer gets the documents.' })
  customerId: string;

  @Field(() => [PreviewedLine])
  charges: PreviewedLine[];

  @Field(() => [PreviewedLine])
  credits: PreviewedLine[];

  @Field(() => Money, { description: 'By how much what the customer owes changes, tax included.' })
  receivable: Money;
}

@ObjectType({ simpleResolvers: true })
export class PreviewedRevenue {
  @Field(() => ID)
  legalEntityId: string;

  @Field({ description: 'YYYY-MM.' })
  month: string;

  @Field(() => Money)
  before: Money;

  @Field(() => Money)
  after: Money;
}

/** One line of the general ledger that the billing of today would bring. */
@ObjectType({ simpleResolvers: true })
export class PreviewedLedgerLine {
  @Field(() => ID)
  legalEntityId: string;

  @Field({ description: 'RECEIVABLE, TAX, or the account of the product.' })
  account: string;

  @Field(() => Money)
  debit: Money;

  @Field(() => Money)
  credit: Money;
}

@ObjectType({ simpleResolvers: true })
export class PreviewedEntitlement {
  @Field()
  productKey: string;

  @Field(() => LocalDate)
  from: string;

  @Field({ description: 'Whole units.' })
  before: string;

  @Field()
  after: string;
}

@ObjectType({ simpleResolvers: true })
export class PreviewedClosedPeriod {
  @Field(() => ID)
  legalEntityId: string;

  @Field({ description: 'The month that is closed, YYYY-MM: nothing in it changes.' })
  month: string;

  @Field({ description: 'The open month that takes the correction.' })
  correctedIn: string;
}

/** All that a change of a contract would bring, worked out by what would carry it out. */
@ObjectType({ simpleResolvers: true })
export class ContractPreview {
  @Field({ description: 'Names everything below: handed to the mutation as `expectedDigest`, that is refused if anything would come out otherwise.' })
  digest: string;

  @Field(() => Money, { description: 'What the contract comes to over all its time, tax excepted.' })
  valueBefore: Money;

  @Field(() => Money)
  valueAfter: Money;

  @Field(() => [String], { description: 'What it changes, for people.' })
  changes: string[];

  @Field(() => [PreviewedCharge], { description: 'What is still to be billed, by day: the first 500.' })
  schedule: PreviewedCharge[];

  @Field(() => [PreviewedBilling])
  billing: PreviewedBilling[];

  @Field(() => [PreviewedLedgerLine])
  ledger: PreviewedLedgerLine[];

  @Field(() => [PreviewedRevenue], { description: 'Months whose revenue changes.' })
  revenue: PreviewedRevenue[];

  @Field(() => [PreviewedEntitlement])
  entitlements: PreviewedEntitlement[];

  @Field(() => [PreviewedClosedPeriod])
  closedPeriods: PreviewedClosedPeriod[];
}
