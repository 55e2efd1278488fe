import { createUnionType, Field, ID, InputType } from 'type-graphql';
import { Contract, ContractState } from '../../entities/contracts/Contract';
import { LocalDate } from '../../entities/types';
import { connectionOf } from '../connection';
import { ChangeInput, MoneyInput, MutationInput } from '../input';
import { Refused } from '../refusal';

export const ContractConnection = connectionOf(Contract);

@InputType()
export class ContractLineInput {
  @Field(() => ID)
  productId: string;

  @Field({ description: 'Whole units; "0" takes the line away when amending or renewing.' })
  quantity: string;

  @Field(() => MoneyInput, { nullable: true, description: 'Price of one unit for one billing period; left out, an existing line keeps its price.' })
  unitPrice?: MoneyInput;
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
}

@InputType()
export class AmendContractInput extends ChangeInput {
  @Field(() => ID)
  contractId: string;

  @Field()
  reason: string;

  @Field(() => [ContractLineInput])
  lines: ContractLineInput[];
}

@InputType()
export class RenewContractInput extends ChangeInput {
  @Field(() => ID)
  contractId: string;

  @Field(() => LocalDate, { description: 'Last day of the new term.' })
  endDate: string;

  @Field({ defaultValue: 'Renewal' })
  reason: string;

  @Field(() => [ContractLineInput], { defaultValue: [] })
  lines: ContractLineInput[];
}

@InputType()
export class WithdrawAmendmentInput extends ChangeInput {
  @Field(() => ID)
  contractId: string;

  @Field()
  reason: string;
}

@InputType()
export class CancelContractInput extends ChangeInput {
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
export const WithdrawAmendmentResult = result('WithdrawAmendmentResult');
export const CancelContractResult = result('CancelContractResult');
