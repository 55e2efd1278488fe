import { createUnionType, Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { BankStatement } from '../../entities/payments/BankStatement';
import { CashState, Payment } from '../../entities/payments/Payment';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { LocalDate } from '../../entities/types';
import { connectionOf } from '../connection';
import { ChangeInput, MoneyInput, MutationInput } from '../input';
import { Refused } from '../refusal';

export const PaymentConnection = connectionOf(Payment);
export const BankStatementConnection = connectionOf(BankStatement);

@InputType()
export class ApplyToInput {
  @Field(() => ID)
  invoiceId: string;

  @Field(() => MoneyInput, { nullable: true, description: 'All that is open, if left out.' })
  amount?: MoneyInput;
}

@InputType()
export class RecordPaymentInput extends MutationInput {
  @Field({ description: 'The key of the payment in the system it comes from; it gives the id, so recording twice makes one payment.' })
  reference: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => ID)
  legalEntityId: string;

  @Field(() => MoneyInput)
  amount: MoneyInput;

  @Field(() => LocalDate, { nullable: true })
  receivedDate?: string;

  @Field(() => String, { nullable: true })
  payerName?: string;

  @Field(() => [ApplyToInput], { defaultValue: [] })
  applyTo: ApplyToInput[];
}

@InputType()
export class ApplyPaymentInput extends ChangeInput {
  @Field(() => ID)
  paymentId: string;

  @Field(() => ID)
  invoiceId: string;

  @Field(() => MoneyInput, { nullable: true, description: 'As much as is open and unapplied, if left out.' })
  amount?: MoneyInput;
}

@InputType()
export class UnapplyPaymentInput extends ChangeInput {
  @Field(() => ID)
  applicationId: string;
}

@InputType()
export class ImportBankStatementInput extends MutationInput {
  @Field({ description: 'The file as text (camt.053, MT940 or BAI2, told apart by content), up to 10 MB; larger files go through the command line.' })
  content: string;
}

/** What came of a statement file. */
@Directive('@shareable')
@ObjectType({ simpleResolvers: true })
export class BankStatementImport {
  @Field(() => [BankStatement])
  statements: BankStatement[];

  @Field(() => Int, { description: 'Booked lines of the file.' })
  lines: number;

  @Field(() => Int, { description: 'Lines that were there already, from this file or an overlapping one.' })
  known: number;

  @Field(() => Int, { description: 'Payments applied to invoices.' })
  applied: number;

  @Field(() => Int, { description: 'Payments left unapplied, wholly or in part, each with an open exception.' })
  unmatched: number;

  @Field(() => Int, { description: 'Money out: kept, not applied.' })
  debits: number;

  @Field(() => Int, { description: 'Lines known under the same key with other content: exceptions.' })
  conflicts: number;
}

@InputType()
export class PaymentFilter {
  @Field(() => ID, { nullable: true })
  customerId?: string;

  @Field(() => CashState, { nullable: true })
  state?: CashState;

  @Field(() => String, { nullable: true })
  reference?: string;
}

export const RecordPaymentResult = createUnionType({ name: 'RecordPaymentResult', types: () => [Payment, Refused] as const });
export const ApplyPaymentResult = createUnionType({ name: 'ApplyPaymentResult', types: () => [PaymentApplication, Refused] as const });
export const UnapplyPaymentResult = createUnionType({ name: 'UnapplyPaymentResult', types: () => [PaymentApplication, Refused] as const });
export const ImportBankStatementResult = createUnionType({
  name: 'ImportBankStatementResult',
  types: () => [BankStatementImport, Refused] as const,
});
