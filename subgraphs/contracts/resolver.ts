import { Arg, Args, Authorized, Ctx, FieldResolver, GraphQLISODateTime, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Contract, ContractLine } from '../../entities/contracts/Contract';
import { ContractAmendment } from '../../entities/contracts/ContractAmendment';
import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import { parseId } from '../../entities/ids';
import { termsOf } from '../../entities/terms/ofContract';
import { billerOn } from '../../entities/terms/terms';
import { LocalDate } from '../../entities/types';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import { versionAsOf, versionOf, versionsOf } from '../versions';
import {
  AmendContractInput, AmendContractResult, CancelContractInput, CancelContractResult, ContractConnection, ContractFilter, ContractPreviewResult,
  CreateContractInput, CreateContractResult, RenewContractInput, RenewContractResult, ResumeContractInput, ResumeContractResult, SuspendContractInput,
  SuspendContractResult, TransferContractInput, TransferContractResult, WithdrawAmendmentInput, WithdrawAmendmentResult,
} from './api';
import { amendContract } from './commands/amendContract';
import { cancelContract } from './commands/cancelContract';
import { createContract } from './commands/createContract';
import { renewContract } from './commands/renewContract';
import { resumeContract } from './commands/resumeContract';
import { suspendContract } from './commands/suspendContract';
import { transferContract } from './commands/transferContract';
import { withdrawAmendment } from './commands/withdrawAmendment';
import { CustomerOfContract, LegalEntityOfContract } from './neighbours';
import { amendmentsOf } from './queries/amendmentsOf';
import { linesOn } from './queries/linesOn';
import { previewChange } from './queries/previewChange';

@Resolver(() => Contract)
export class ContractResolver {
  @Query(() => Contract, { nullable: true, description: 'The latest version, a numbered one, or the one that was recorded at an instant.' })
  contract(
    @Arg('id', () => ID) id: string,
    @Arg('version', () => Int, { nullable: true }) version: number | null,
    @Arg('asOf', () => GraphQLISODateTime, { nullable: true }) asOf: Date | null,
    @Ctx() context: RequestContext,
  ) {
    parseId(id, 'con');
    if (version !== null && version !== undefined) return versionOf(context, Contract, { id, version });
    if (asOf) return versionAsOf(context, Contract, { id, atMs: asOf.getTime() });
    return byId(Contract, context, id);
  }

  @Query(() => ContractConnection)
  contracts(
    @Args() args: PageArgs,
    @Arg('filter', () => ContractFilter, { nullable: true }) filter: ContractFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Contract>> {
    return page(Contract, context, { ...args, where: { ...filter } });
  }

  @FieldResolver(() => CustomerOfContract, { nullable: true })
  customer(@Root() contract: Contract) {
    return Object.assign(new CustomerOfContract(), { id: contract.customerId });
  }

  @FieldResolver(() => LegalEntityOfContract, { nullable: true })
  legalEntity(@Root() contract: Contract) {
    return Object.assign(new LegalEntityOfContract(), { id: contract.legalEntityId });
  }

  @FieldResolver(() => [CustomerSubscription])
  subscriptions(@Root() contract: Contract, @Ctx() context: RequestContext) {
    return childrenOf(CustomerSubscription, context, { parent: 'contractId', parentId: contract.id, first: 100 });
  }

  @FieldResolver(() => [Contract], { description: 'All versions, the first one first.' })
  history(@Root() contract: Contract, @Ctx() context: RequestContext) {
    return versionsOf(context, Contract, contract.id);
  }

  @FieldResolver(() => [ContractLine], { description: 'The lines that give something on a day, by all that this version knows.' })
  linesOn(@Root() contract: Contract, @Arg('day', () => LocalDate) day: string) {
    return linesOn(contract, day);
  }

  @FieldResolver(() => LegalEntityOfContract, { description: 'Who bills on a day, by all that this version knows.' })
  billedByOn(@Root() contract: Contract, @Arg('day', () => LocalDate) day: string) {
    return Object.assign(new LegalEntityOfContract(), { id: billerOn(termsOf(contract), day) });
  }

  @FieldResolver(() => [ContractAmendment], { description: 'The story of the contract: what each version changed, the first one first.' })
  amendments(@Root() contract: Contract, @Ctx() context: RequestContext) {
    return amendmentsOf(context, contract);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => CreateContractResult)
  createContract(@Arg('input', () => CreateContractInput) input: CreateContractInput, @Ctx() context: RequestContext) {
    return act(context, createContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => AmendContractResult)
  amendContract(@Arg('input', () => AmendContractInput) input: AmendContractInput, @Ctx() context: RequestContext) {
    return act(context, amendContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => RenewContractResult)
  renewContract(@Arg('input', () => RenewContractInput) input: RenewContractInput, @Ctx() context: RequestContext) {
    return act(context, renewContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => TransferContractResult, { description: 'Lets another legal entity bill from a day on.' })
  transferContract(@Arg('input', () => TransferContractInput) input: TransferContractInput, @Ctx() context: RequestContext) {
    return act(context, transferContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => SuspendContractResult, { description: 'Stops service and charges for a time.' })
  suspendContract(@Arg('input', () => SuspendContractInput) input: SuspendContractInput, @Ctx() context: RequestContext) {
    return act(context, suspendContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => ResumeContractResult)
  resumeContract(@Arg('input', () => ResumeContractInput) input: ResumeContractInput, @Ctx() context: RequestContext) {
    return act(context, resumeContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => WithdrawAmendmentResult, { description: 'Takes the latest amendment or renewal back, everywhere.' })
  withdrawAmendment(@Arg('input', () => WithdrawAmendmentInput) input: WithdrawAmendmentInput, @Ctx() context: RequestContext) {
    return act(context, withdrawAmendment, input);
  }

  @Authorized(MAY.keepContracts)
  @Mutation(() => CancelContractResult)
  cancelContract(@Arg('input', () => CancelContractInput) input: CancelContractInput, @Ctx() context: RequestContext) {
    return act(context, cancelContract, input);
  }
}

/** What each change of a contract would bring. Its mutation takes the digest and is refused if anything would come out otherwise. */
@Resolver()
export class ContractPreviewResolver {
  @Authorized(MAY.keepContracts)
  @Query(() => ContractPreviewResult)
  previewAmendment(@Arg('input', () => AmendContractInput) input: AmendContractInput, @Ctx() context: RequestContext) {
    return previewChange(context, amendContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Query(() => ContractPreviewResult)
  previewRenewal(@Arg('input', () => RenewContractInput) input: RenewContractInput, @Ctx() context: RequestContext) {
    return previewChange(context, renewContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Query(() => ContractPreviewResult)
  previewTransfer(@Arg('input', () => TransferContractInput) input: TransferContractInput, @Ctx() context: RequestContext) {
    return previewChange(context, transferContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Query(() => ContractPreviewResult)
  previewSuspension(@Arg('input', () => SuspendContractInput) input: SuspendContractInput, @Ctx() context: RequestContext) {
    return previewChange(context, suspendContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Query(() => ContractPreviewResult)
  previewResumption(@Arg('input', () => ResumeContractInput) input: ResumeContractInput, @Ctx() context: RequestContext) {
    return previewChange(context, resumeContract, input);
  }

  @Authorized(MAY.keepContracts)
  @Query(() => ContractPreviewResult)
  previewCancellation(@Arg('input', () => CancelContractInput) input: CancelContractInput, @Ctx() context: RequestContext) {
    return previewChange(context, cancelContract, input);
  }
}

@Resolver(() => CustomerOfContract)
export class CustomerContractsResolver {
  @FieldResolver(() => [Contract])
  contracts(@Root() customer: CustomerOfContract, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return childrenOf(Contract, context, { parent: 'customerId', parentId: customer.id, first });
  }
}
