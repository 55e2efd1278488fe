import { createUnionType, Field, ID, InputType, Int } from 'type-graphql';
import { Contract, ContractState } from '../../entities/contracts/Contract';
import { ContractPreview } from '../../entities/contracts/ContractPreview';
import { ProrationPolicy } from '../../entities/terms/proration';
import { RatingModel } from '../../entities/terms/rating';
import { BillingTiming, ChargeKind } from '../../entities/terms/terms';
import { LocalDate } from '../../entities/types';
import { connectionOf } from '../connection';
import { ChangeInput, MoneyInput, MutationInput } from '../input';
import { Refused } from '../refusal';

export const ContractConnection = connectionOf(Contract);

@InputType()
export class RampStepInput {
  @Field(() => LocalDate)
  from: string;

  @Field(() => String, { nullable: true, description: 'Whole units from that day on; left out, they stay.' })
  quantity?: string;

  @Field(() => MoneyInput, { nullable: true, description: 'Price from that day on; left out, it stays.' })
  unitPrice?: MoneyInput;
}

@InputType()
export class UsageTierInput {
  @Field(() => String, { nullable: true, description: 'The last unit of the tier in a billing period; left out on the last tier.' })
  upTo?: string;

  @Field(() => String, { nullable: true, description: 'Price of one unit, of one package for PACKAGE, as a decimal of the currency that may be far below its smallest unit: "0.0004".' })
  unitPrice?: string;

  @Field(() => MoneyInput, { nullable: true, description: 'Once, if any unit falls into the tier.' })
  flat?: MoneyInput;
}

/** What usage costs in one billing period. Where a period is cut by a change, its parts have their shares of what is said here. */
@InputType()
export class UsagePriceInput {
  @Field(() => ID, { description: 'What counts it.' })
  meterId: string;

  @Field(() => RatingModel)
  model: RatingModel;

  @Field(() => [UsageTierInput], { description: 'One, but for GRADUATED and VOLUME.' })
  tiers: UsageTierInput[];

  @Field(() => String, { nullable: true, description: 'Units of one package, for PACKAGE.' })
  packageUnits?: string;

  @Field(() => String, { nullable: true, description: 'Units of each billing period that cost nothing.' })
  includedUnits?: string;

  @Field(() => String, { nullable: true, description: 'Units of each term that were paid for ahead; drawn before any is charged.' })
  prepaidUnits?: string;

  @Field(() => MoneyInput, { nullable: true, description: 'What a billing period costs at least.' })
  minimum?: MoneyInput;
}

@InputType()
export class ContractLineInput {
  @Field(() => ID)
  productId: string;

  @Field(() => String, { nullable: true, description: "Names the line within its contract, if it has several of one product; the product's key if left out." })
  lineKey?: string;

  @Field({ description: 'Whole units; "0" takes the line away when amending or renewing.' })
  quantity: string;

  @Field(() => MoneyInput, { nullable: true, description: 'Price of one unit for one billing period; left out, an existing line keeps its price.' })
  unitPrice?: MoneyInput;

  @Field(() => UsagePriceInput, { nullable: true, description: 'Makes a line that is charged by what a meter counts, after each billing period; "1" is its quantity.' })
  usage?: UsagePriceInput;

  @Field(() => ChargeKind, { nullable: true, description: 'RECURRING unless said; a line keeps what it began with, like the two below.' })
  charge?: ChargeKind;

  @Field(() => Int, { nullable: true, description: 'Months of one billing period: 1 unless said.' })
  periodMonths?: number;

  @Field(() => BillingTiming, { nullable: true, description: 'ADVANCE unless said.' })
  timing?: BillingTiming;

  @Field(() => [RampStepInput], { nullable: true, description: 'Further quantities and prices that are agreed already, in order of their days.' })
  ramp?: RampStepInput[];
}

@InputType()
export class RenewalRuleInput {
  @Field(() => Int, { description: 'Months of each further term.' })
  months: number;

  @Field({ defaultValue: '0', description: 'By how many percent prices rise with each, up to four decimals.' })
  upliftPercent: string;
}

@InputType()
export class CreateContractInput extends MutationInput {
  @Field({ description: 'The contract number in the system that owns contracts; it gives the id.' })
  number: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => ID)
  legalEntityId: string;

  @Field(() => LocalDate)
  startDate: string;

  @Field(() => LocalDate)
  endDate: string;

  @Field()
  currency: string;

  @Field(() => [ContractLineInput])
  lines: ContractLineInput[];

  @Field(() => ID, { nullable: true, description: 'The price book that new lines without a price take theirs from, and that says what a product costs alone (ASC 606).' })
  priceBookId?: string;

  @Field(() => ProrationPolicy, { nullable: true, description: 'DAY_ACTUAL unless said.' })
  proration?: ProrationPolicy;

  @Field(() => LocalDate, { nullable: true, description: 'The billing run bills the periods that begin on this day or later; left out, invoices are asked for one by one.' })
  billingFrom?: string;

  @Field(() => RenewalRuleInput, { nullable: true, description: 'Renews it by itself when a term ends.' })
  renewal?: RenewalRuleInput;
}

/** A change of a contract: three days, and what a preview said of it. */
@InputType()
export abstract class TermsInput extends ChangeInput {
  @Field(() => ID)
  contractId: string;

  @Field()
  reason: string;

  @Field(() => LocalDate, { nullable: true, description: 'From this day on the parties owe each other what it says.' })
  effectiveDate?: string;

  @Field(() => String, { nullable: true, description: 'The digest of a preview; refused with PREVIEW_DIFFERS if anything would come out otherwise now.' })
  expectedDigest?: string;
}

@InputType()
export class AmendContractInput extends TermsInput {
  @Field(() => LocalDate, { nullable: true, description: 'From this day on the customer may use what it adds; the effective day if left out.' })
  activationDate?: string;

  @Field(() => LocalDate, { nullable: true, description: 'The day on which the customer accepted it.' })
  acceptanceDate?: string;

  @Field(() => [ContractLineInput])
  lines: ContractLineInput[];
}

@InputType()
export class RenewContractInput extends TermsInput {
  @Field(() => LocalDate, { description: 'Last day of the new term.' })
  endDate: string;

  @Field({ defaultValue: 'Renewal' })
  override reason: string;

  @Field(() => [ContractLineInput], { defaultValue: [], description: 'Changes of lines, from the first day of the new term unless there is an earlier effective day: then they are an amendment of their own.' })
  lines: ContractLineInput[];

  @Field(() => String, { nullable: true, description: 'By how many percent prices rise with the new term, up to four decimals.' })
  upliftPercent?: string;

  @Field(() => LocalDate, { nullable: true, description: 'The day on which the customer accepted it.' })
  acceptanceDate?: string;
}

@InputType()
export class TransferContractInput extends TermsInput {
  @Field(() => ID, { nullable: true, description: 'The legal entity that bills from the effective day on; the one that does if left out.' })
  legalEntityId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The customer who has the contract from the effective day on; the one who has it if left out.' })
  customerId?: string | null;
}

@InputType()
export class SuspendContractInput extends TermsInput {
  @Field(() => LocalDate, { nullable: true, description: 'The day on which it goes on; left out, until it is resumed.' })
  until?: string;
}

@InputType()
export class ResumeContractInput extends TermsInput {}

@InputType()
export class CancelContractInput extends TermsInput {}

@InputType()
export class WithdrawAmendmentInput extends ChangeInput {
  @Field(() => ID)
  contractId: string;

  @Field()
  reason: string;
}

@InputType()
export class ContractFilter {
  @Field(() => ID, { nullable: true })
  customerId?: string;

  @Field(() => String, { nullable: true })
  number?: string;

  @Field(() => ContractState, { nullable: true })
  state?: ContractState;
}

const result = (name: string) => createUnionType({ name, types: () => [Contract, Refused] as const });
export const CreateContractResult = result('CreateContractResult');
export const AmendContractResult = result('AmendContractResult');
export const RenewContractResult = result('RenewContractResult');
export const TransferContractResult = result('TransferContractResult');
export const SuspendContractResult = result('SuspendContractResult');
export const ResumeContractResult = result('ResumeContractResult');
export const WithdrawAmendmentResult = result('WithdrawAmendmentResult');
export const CancelContractResult = result('CancelContractResult');
export const ContractPreviewResult = createUnionType({ name: 'ContractPreviewResult', types: () => [ContractPreview, Refused] as const });
