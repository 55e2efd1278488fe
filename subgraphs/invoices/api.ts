import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice, InvoiceState, SettlementState } from '../../entities/invoices/Invoice';
import { LocalDate } from '../../entities/types';
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
export const BillContractResult = createUnionType({ name: 'BillContractResult', types: () => [BilledContract, Refused] as const });
