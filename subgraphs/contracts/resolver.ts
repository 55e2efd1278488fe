import { Arg, Args, Authorized, Ctx, FieldResolver, GraphQLISODateTime, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Contract } from '../../entities/contracts/Contract';
import { ContractAmendment } from '../../entities/contracts/ContractAmendment';
import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import { parseId } from '../../entities/ids';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import { versionAsOf, versionOf, versionsOf } from '../versions';
import {
  AmendContractInput, AmendContractResult, CancelContractInput, CancelContractResult, ContractConnection, ContractFilter,
  CreateContractInput, CreateContractResult, RenewContractInput, RenewContractResult, WithdrawAmendmentInput, WithdrawAmendmentResult,
} from './api';
import { amendContract } from './commands/amendContract';
import { cancelContract } from './commands/cancelContract';
import { createContract } from './commands/createContract';
import { renewContract } from './commands/renewContract';
import { withdrawAmendment } from './commands/withdrawAmendment';
import { CustomerOfContract, LegalEntityOfContract } from './neighbours';
import { amendmentsOf } from './queries/amendmentsOf';

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

  @FieldResolver(() => [ContractAmendment], { description: 'The story of the contract: what each version changed, the first one first.' })
  amendments(@Root() contract: Contract, @Ctx() context: RequestContext) {
    return amendmentsOf(context, contract.id);
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

@Resolver(() => CustomerOfContract)
export class CustomerContractsResolver {
  @FieldResolver(() => [Contract])
  contracts(@Root() customer: CustomerOfContract, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return childrenOf(Contract, context, { parent: 'customerId', parentId: customer.id, first });
  }
}
