import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { CollectionCase } from '../../entities/collections/CollectionCase';
import { parseId } from '../../entities/ids';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import { versionOf } from '../versions';
import {
  AdvanceCollectionCaseInput, AdvanceCollectionCaseResult, CloseCollectionCaseInput, CloseCollectionCaseResult, CollectionCaseConnection,
  CollectionCaseFilter, OpenCollectionCaseInput, OpenCollectionCaseResult,
} from './api';
import { advanceCollectionCase } from './commands/advanceCollectionCase';
import { closeCollectionCase } from './commands/closeCollectionCase';
import { openCollectionCase } from './commands/openCollectionCase';
import { CustomerOfCase } from './neighbours';

@Resolver(() => CollectionCase)
export class CollectionCaseResolver {
  @Query(() => CollectionCase, { nullable: true })
  collectionCase(
    @Arg('id', () => ID) id: string,
    @Arg('version', () => Int, { nullable: true }) version: number | null,
    @Ctx() context: RequestContext,
  ) {
    parseId(id, 'cas');
    return version === null || version === undefined ? byId(CollectionCase, context, id) : versionOf(context, CollectionCase, { id, version });
  }

  @Query(() => CollectionCaseConnection)
  collectionCases(
    @Args() args: PageArgs,
    @Arg('filter', () => CollectionCaseFilter, { nullable: true }) filter: CollectionCaseFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<CollectionCase>> {
    return page(CollectionCase, context, { ...args, where: { ...filter } });
  }

  @FieldResolver(() => CustomerOfCase, { nullable: true })
  customer(@Root() item: CollectionCase) {
    return Object.assign(new CustomerOfCase(), { id: item.customerId });
  }

  @Authorized(MAY.collect)
  @Mutation(() => OpenCollectionCaseResult)
  openCollectionCase(@Arg('input', () => OpenCollectionCaseInput) input: OpenCollectionCaseInput, @Ctx() context: RequestContext) {
    return act(context, openCollectionCase, input);
  }

  @Authorized(MAY.collect)
  @Mutation(() => AdvanceCollectionCaseResult)
  advanceCollectionCase(@Arg('input', () => AdvanceCollectionCaseInput) input: AdvanceCollectionCaseInput, @Ctx() context: RequestContext) {
    return act(context, advanceCollectionCase, input);
  }

  @Authorized(MAY.collect)
  @Mutation(() => CloseCollectionCaseResult)
  closeCollectionCase(@Arg('input', () => CloseCollectionCaseInput) input: CloseCollectionCaseInput, @Ctx() context: RequestContext) {
    return act(context, closeCollectionCase, input);
  }
}

@Resolver(() => CustomerOfCase)
export class CustomerCasesResolver {
  @FieldResolver(() => [CollectionCase])
  collectionCases(@Root() customer: CustomerOfCase, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return childrenOf(CollectionCase, context, { parent: 'customerId', parentId: customer.id, first });
  }
}
