import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { AccountingPeriod, PeriodState } from '../../entities/invoices/AccountingPeriod';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice, InvoiceState, SettlementState } from '../../entities/invoices/Invoice';
import { RevenueJournal } from '../../entities/invoices/RevenueJournal';
import { LocalDate, Money } from '../../entities/types';
import { connectionOf } from '../connection';
import { ChangeInput, MoneyInput, MutationInput } from '../input';
import { Refused } from '../refusal';

export const InvoiceConnection = connectionOf(Invoice);

@InputType()
export class InvoiceLineInput {
  @Field(() => ID)
  productId: string;

  @Field(() => String, { nullable: true, description: "The product's name, if left out." })
  description?: string;

  @Field({ description: 'Whole units.' })
  quantity: string;

  @Field(() => MoneyInput)
  unitPrice: MoneyInput;
}

@InputType()
export class IssueInvoiceInput extends MutationInput {
  @Field({ description: 'The key of the document in the system that asks for it; it gives the id, so asking twice makes one invoice.' })
  reference: string;

  @Field(() => ID, { nullable: true, description: 'Bills the lines of this contract, for its customer and legal entity.' })
  contractId?: string;

  @Field(() => ID, { nullable: true, description: 'Without a contract: whom to bill.' })
  customerId?: string;

  @Field(() => ID, { nullable: true, description: 'Without a contract: who bills.' })
  legalEntityId?: string;

  @Field(() => LocalDate, { nullable: true, description: "Today in the legal entity's zone, if left out." })
  invoiceDate?: string;

  @Field(() => LocalDate, { nullable: true, description: '30 days after the invoice date, if left out.' })
  dueDate?: string;

  @Field(() => [InvoiceLineInput], { nullable: true, description: 'Required without a contract.' })
  lines?: InvoiceLineInput[];
}

@InputType()
export class CreditLineInput {
  @Field(() => ID, { description: 'A line of the invoice.' })
  lineId: string;

  @Field({ description: 'Whole units to credit.' })
  quantity: string;
}

@InputType()
export class CreditInvoiceInput extends ChangeInput {
  @Field({ description: 'The key of the credit memo in the system that asks for it; it gives the id.' })
  reference: string;

  @Field(() => ID)
  invoiceId: string;

  @Field()
  reason: string;

  @Field(() => LocalDate, { nullable: true })
  creditDate?: string;

  @Field(() => [CreditLineInput])
  lines: CreditLineInput[];
}

@InputType()
export class VoidInvoiceInput extends ChangeInput {
  @Field(() => ID)
  invoiceId: string;

  @Field()
  reason: string;
}

@InputType()
export class RebillInvoiceInput extends ChangeInput {
  @Field(() => ID)
  invoiceId: string;

  @Field()
  reason: string;

  @Field(() => [InvoiceLineInput], { nullable: true, description: 'Its own, if left out, at the taxes of today; none for an invoice of the billing run, which goes by its contract.' })
  lines?: InvoiceLineInput[];
}

@InputType()
export class BillContractInput extends MutationInput {
  @Field(() => ID)
  contractId: string;

  @Field(() => LocalDate, { nullable: true, description: 'Bills what falls due up to this day; today if left out.' })
  upTo?: string;
}

/** What billing a contract made. */
@ObjectType({ simpleResolvers: true })
export class BilledContract {
  @Field(() => [Invoice])
  invoices: Invoice[];

  @Field(() => [CreditMemo])
  creditMemos: CreditMemo[];

  @Field(() => LocalDate, { nullable: true, description: 'The next day on which something falls due.' })
  nextBillOn: string | null;
}

@InputType()
export class PeriodInput extends MutationInput {
  @Field(() => ID)
  legalEntityId: string;

  @Field({ description: 'YYYY-MM.' })
  month: string;
}

@InputType()
export class ReopenPeriodInput extends PeriodInput {
  @Field()
  reason: string;
}

@InputType()
export class RecognizeRevenueInput extends PeriodInput {
  @Field(() => ID, { nullable: true, description: 'Goes on behind this contract: `last` of the answer before.' })
  after?: string;
}

/** The revenue that was recognized. */
@ObjectType({ simpleResolvers: true })
export class RecognizedRevenue {
  @Field(() => [RevenueJournal], { description: 'One for each currency; none if there was nothing to recognize.' })
  journals: RevenueJournal[];

  @Field(() => ID, { nullable: true, description: 'There are more contracts: ask again with this one as `after`. Null when all were looked at.' })
  last: string | null;
}

@ObjectType({ simpleResolvers: true })
export class CloseObstacle {
  @Field({ description: 'BILLING_DUE, REVENUE_NOT_RECOGNIZED, POSTING_OPEN or EXCEPTION_OPEN.' })
  what: string;

  @Field(() => Int)
  count: number;

  @Field()
  nextAction: string;
}

/** A month of one legal entity's books, as it stands now. */
@ObjectType({ simpleResolvers: true })
export class MonthOfLedger {
  @Field(() => PeriodState)
  state: PeriodState;

  @Field(() => [CloseObstacle], { description: 'What keeps it from being closed; nothing if it may be.' })
  missing: CloseObstacle[];

  @Field({ description: 'Its report as canonical JSON: as it was closed, or as it would be now.' })
  report: string;

  @Field({ description: 'SHA-256 of the report.' })
  reportHash: string;
}

/** What a line of a contract has earned and is expected to earn in a month. */
@ObjectType({ simpleResolvers: true })
export class RevenueMonth {
  @Field(() => ID)
  legalEntityId: string;

  @Field({ description: 'YYYY-MM.' })
  month: string;

  @Field(() => Money, { description: 'By the terms of the contract as they are known now.' })
  scheduled: Money;

  @Field(() => Money, { description: 'By journals of that month.' })
  recognized: Money;
}

/** What was billed of a contract, what of it was recognized, and what that leaves in the books of one legal entity. */
@ObjectType({ simpleResolvers: true })
export class RevenueBalance {
  @Field(() => ID)
  legalEntityId: string;

  @Field(() => Money, { description: 'Before tax, credits taken off; lines whose revenue is spread only.' })
  billed: Money;

  @Field(() => Money)
  recognized: Money;

  @Field(() => Money, { description: 'Billed ahead of being earned.' })
  deferred: Money;

  @Field(() => Money, { description: 'Earned ahead of being billed.' })
  contractAsset: Money;
}

@ObjectType({ simpleResolvers: true })
export class ContractRevenue {
  @Field(() => [RevenueMonth])
  months: RevenueMonth[];

  @Field(() => [RevenueBalance])
  balances: RevenueBalance[];
}

@InputType()
export class InvoiceFilter {
  @Field(() => ID, { nullable: true })
  customerId?: string;

  @Field(() => ID, { nullable: true })
  contractId?: string;

  @Field(() => String, { nullable: true })
  number?: string;

  @Field(() => InvoiceState, { nullable: true })
  state?: InvoiceState;

  @Field(() => SettlementState, { nullable: true })
  settlement?: SettlementState;
}

export const IssueInvoiceResult = createUnionType({ name: 'IssueInvoiceResult', types: () => [Invoice, Refused] as const });
export const CreditInvoiceResult = createUnionType({ name: 'CreditInvoiceResult', types: () => [CreditMemo, Refused] as const });
export const VoidInvoiceResult = createUnionType({ name: 'VoidInvoiceResult', types: () => [Invoice, Refused] as const });
export const RebillInvoiceResult = createUnionType({ name: 'RebillInvoiceResult', types: () => [Invoice, Refused] as const });
export const BillContractResult = createUnionType({ name: 'BillContractResult', types: () => [BilledContract, Refused] as const });
export const PeriodResult = createUnionType({ name: 'PeriodResult', types: () => [AccountingPeriod, Refused] as const });
export const RecognizeRevenueResult = createUnionType({ name: 'RecognizeRevenueResult', types: () => [RecognizedRevenue, Refused] as const });
export const RevenueJournalConnection = connectionOf(RevenueJournal);
export const AccountingPeriodConnection = connectionOf(AccountingPeriod);
