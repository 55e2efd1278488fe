import {
  Arg, Args, Authorized, Ctx, FieldResolver, ID, Int, Mutation, Query, type ResolverData, Resolver, Root, Subscription,
} from 'type-graphql';
import { Change } from '../../entities/operations/Change';
import { ExceptionItem, ExceptionKind } from '../../entities/operations/ExceptionItem';
import { PeriodHold } from '../../entities/operations/PeriodHold';
import { Posting } from '../../entities/operations/Posting';
import { PostingAnswer } from '../../entities/operations/PostingAnswer';
import { typeOfId } from '../../entities/ids';
import { Refusal } from '../../entities/refusal';
import { LocalDate, Node } from '../../entities/types';
import { effectiveDateOf, postingDateOf } from '../../sync/documents';
import { changesAfter, follow, parseCursor } from '../../sync/feed';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import {
  ApprovePostingDateInput, ApprovePostingDateResult, AssignExceptionInput, AssignExceptionResult, ChangePage, ChannelStatus, ExceptionConnection, ExceptionFilter,
  FinancialStatus, PostingConnection, PostingFilter, ProposePostingDateInput, ProposePostingDateResult, ReplayPostingsInput, ReplayPostingsResult, ResolveExceptionInput,
  ResolveExceptionResult, RetryPostingInput, RetryPostingResult, SyncStatus, Viewer,
} from './api';
import { PostingAxis } from './api/postingAxis';
import { approvePostingDate } from './commands/approvePostingDate';
import { assignException } from './commands/assignException';
import { proposePostingDate } from './commands/proposePostingDate';
import { replayPostings } from './commands/replayPostings';
import { resolveException } from './commands/resolveException';
import { retryPosting } from './commands/retryPosting';
import { STUBS } from './neighbours';
import { allowedActions } from './rules';
import { channels } from './queries/channels';
import { financialStatus } from './queries/financialStatus';
import { nodeOf, stub } from './queries/nodeOf';
import { periodHold } from './queries/periodHold';
import { postingAxis } from './queries/postingAxis';
import { postingAnswers } from './queries/postingAnswers';
import { inSteps, postingGraph } from './queries/postingGraph';
import { latestCorrelation, syncStatus } from './queries/syncStatus';

const CHANGES_MAX = 500;

@Resolver()
export class OperationsResolver {
  @Query(() => Node, { nullable: true, description: 'Any resource by its id.' })
  node(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<Node | null> {
    return nodeOf(context, id);
  }

  @Query(() => Viewer)
  async viewer(@Ctx() context: RequestContext): Promise<Viewer> {
    const { tenantId, client, role } = context.principal;
    const idNamespace = await context.engine.idNamespace(tenantId);
    return Object.assign(new Viewer(), { tenant: tenantId, client, role, idNamespace });
  }

  @Query(() => PostingConnection)
  async postings(
    @Args() args: PageArgs,
    @Arg('filter', () => PostingFilter, { nullable: true }) filter: PostingFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Posting>> {
    const found = await page(Posting, context, { ...args, where: { ...filter } });
    if (!filter?.correlationId) return found;
    const edges = await inSteps(context, found.edges, ({ node }) => node);
    return { ...found, edges, nodes: edges.map(({ node }) => node) };
  }

  @Query(() => ExceptionConnection)
  exceptions(
    @Args() args: PageArgs,
    @Arg('filter', () => ExceptionFilter, { nullable: true }) filter: ExceptionFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<ExceptionItem>> {
    return page(ExceptionItem, context, { ...args, where: { ...filter } });
  }

  @Query(() => [ChannelStatus], { description: 'Whether documents get through, by backend and legal entity.' })
  channels(@Ctx() context: RequestContext): Promise<ChannelStatus[]> {
    return channels(context);
  }

  @Query(() => ChangePage, { description: 'The change log after a cursor; without one, from the beginning.' })
  async changes(
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('first', () => Int, { defaultValue: 100 }) first: number,
    @Ctx() context: RequestContext,
  ): Promise<ChangePage> {
    if (first < 1 || first > CHANGES_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${CHANGES_MAX}.`, 'first');
    const from = parseCursor(after);
    const rows = await changesAfter(context.reads, context.principal.tenantId, { after: from, limit: first + 1 });
    const nodes = rows.slice(0, first);
    return Object.assign(new ChangePage(), { nodes, endCursor: String(nodes.at(-1)?.position ?? from), hasMore: rows.length > first });
  }

  @Subscription(() => Change, {
    name: 'changes',
    description: 'The change log as it grows, after a cursor; without one, from the beginning. Nothing is left out, nothing comes twice.',
    subscribe: (data) => followChanges(data as unknown as ResolverData<RequestContext>),
  })
  onChange(@Root() change: Change, @Arg('after', () => String, { nullable: true }) _after: string | null): Change {
    return change;
  }

  @Authorized(MAY.operate)
  @Mutation(() => RetryPostingResult)
  retryPosting(@Arg('input', () => RetryPostingInput) input: RetryPostingInput, @Ctx() context: RequestContext) {
    return act(context, retryPosting, input);
  }

  @Authorized(MAY.operate)
  @Mutation(() => ProposePostingDateResult, { description: 'Another accounting date for a posting whose period is closed; a second person approves it.' })
  proposePostingDate(@Arg('input', () => ProposePostingDateInput) input: ProposePostingDateInput, @Ctx() context: RequestContext) {
    return act(context, proposePostingDate, input);
  }

  @Authorized(MAY.sign)
  @Mutation(() => ApprovePostingDateResult, { description: 'The second signature: nobody approves their own proposal.' })
  approvePostingDate(@Arg('input', () => ApprovePostingDateInput) input: ApprovePostingDateInput, @Ctx() context: RequestContext) {
    return act(context, approvePostingDate, input);
  }

  @Authorized(MAY.operate)
  @Mutation(() => ReplayPostingsResult, { description: 'Looks up again what a backend had confirmed, and posts what it has lost; a dry run unless told otherwise.' })
  replayPostings(@Arg('input', () => ReplayPostingsInput) input: ReplayPostingsInput, @Ctx() context: RequestContext) {
    return act(context, replayPostings, input);
  }

  @Authorized(MAY.operate)
  @Mutation(() => AssignExceptionResult)
  assignException(@Arg('input', () => AssignExceptionInput) input: AssignExceptionInput, @Ctx() context: RequestContext) {
    return act(context, assignException, input);
  }

  @Authorized(MAY.operate)
  @Mutation(() => ResolveExceptionResult)
  resolveException(@Arg('input', () => ResolveExceptionInput) input: ResolveExceptionInput, @Ctx() context: RequestContext) {
    return act(context, resolveException, input);
  }
}

function followChanges({ args, context }: ResolverData<RequestContext>): AsyncIterable<Change> {
  const ended = new AbortController();
  const from = { tenantId: context.principal.tenantId, after: parseCursor(args.after as string | null), signal: ended.signal };
  const changes = follow(context.reads, context.engine.growth, from);
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => changes.next(),
      return: async () => {
        ended.abort();
        return changes.return(undefined);
      },
    }),
  };
}

@Resolver(() => Change)
export class ChangeResolver {
  @FieldResolver(() => Node, { nullable: true, description: 'The resource as it is now.' })
  resource(@Root() change: Change, @Ctx() context: RequestContext): Promise<Node | null> | Node | null {
    const type = typeOfId(change.resourceId);
    if (!type) return null;
    return type === 'Posting' || type === 'ExceptionItem' ? nodeOf(context, change.resourceId) : stub(type, { id: change.resourceId });
  }
}

@Resolver(() => Posting)
export class PostingResolver {
  @FieldResolver(() => Node, { nullable: true })
  resource(@Root() posting: Posting): Node | null {
    const type = typeOfId(posting.resourceId);
    return type ? stub(type, { id: posting.resourceId }) : null;
  }

  @FieldResolver(() => [Posting], { description: 'What must be in the books before it may go, and is not yet; the first 100.' })
  waitsFor(@Root() posting: Posting, @Ctx() context: RequestContext): Promise<Posting[]> {
    return postingGraph(context, posting.id, 'waitsFor');
  }

  @FieldResolver(() => [Posting], { description: 'What waits for it; the first 100.' })
  holds(@Root() posting: Posting, @Ctx() context: RequestContext): Promise<Posting[]> {
    return postingGraph(context, posting.id, 'holds');
  }

  @FieldResolver(() => LocalDate, { nullable: true, description: "The document's own date; null for one that moves no money." })
  effectiveDate(@Root() posting: Posting): string | null {
    return effectiveDateOf(posting.document);
  }

  @FieldResolver(() => LocalDate, { nullable: true, description: 'The accounting date under which it is, or is to be, in the books.' })
  postingDate(@Root() posting: Posting): string | null {
    return postingDateOf(posting.document);
  }

  @FieldResolver(() => [PostingAnswer], { description: 'What the backend said beside the outcome: refusals, doubts, and what came too late. Oldest first.' })
  answers(@Root() posting: Posting, @Ctx() context: RequestContext): Promise<PostingAnswer[]> {
    return postingAnswers(context, posting.id);
  }

  @FieldResolver(() => PeriodHold, { nullable: true, description: 'Why it is not in the books, if they are closed for its date.' })
  periodHold(@Root() posting: Posting, @Ctx() context: RequestContext): Promise<PeriodHold | null> {
    return periodHold(context, posting.id);
  }
}

@Resolver(() => ExceptionItem)
export class ExceptionResolver {
  @FieldResolver(() => STUBS.Customer, { nullable: true })
  customer(@Root() item: ExceptionItem) {
    return item.customerId ? stub('Customer', { id: item.customerId }) : null;
  }

  @FieldResolver(() => Node, { nullable: true })
  async subject(@Root() item: ExceptionItem, @Ctx() context: RequestContext): Promise<Node | null> {
    return typeOfId(item.subjectId) ? nodeOf(context, item.subjectId) : null; // a channel is no resource
  }

  @FieldResolver(() => [String], { description: 'Mutations that help, the most likely first.' })
  async allowedActions(@Root() item: ExceptionItem, @Ctx() context: RequestContext): Promise<string[]> {
    const hold = item.kind === ExceptionKind.PERIOD_CLOSED ? await periodHold(context, item.subjectId) : null;
    return allowedActions(item, hold !== null && hold.proposedDate !== null);
  }
}

@Resolver(() => SyncStatus)
export class SyncStatusResolver {
  @FieldResolver(() => String, { nullable: true, description: 'Correlation id of the latest change.' })
  correlationId(@Root() status: SyncStatus, @Ctx() context: RequestContext) {
    return latestCorrelation(context, status.resourceId);
  }
}

@Resolver(() => STUBS.Customer)
export class CustomerStatusResolver {
  @FieldResolver(() => FinancialStatus, { nullable: true })
  financialStatus(@Root() customer: Node, @Ctx() context: RequestContext) {
    return financialStatus(context, customer.id);
  }
}

/** The third axis of an invoice and a credit memo, beside document and settlement. */
export const POSTING_RESOLVERS = [STUBS.Invoice, STUBS.CreditMemo].map((Stub) => {
  @Resolver(() => Stub)
  class PostingAxisResolver {
    @FieldResolver(() => PostingAxis, { nullable: true, description: 'Whether it counts as posted, by the word of the authority of its legal entity.' })
    posting(@Root() document: Node, @Ctx() context: RequestContext) {
      return postingAxis(context, document.id);
    }
  }
  return PostingAxisResolver;
});

/** `sync` on every resource of the other domains. */
export const SYNC_RESOLVERS = Object.values(STUBS).map((Stub) => {
  @Resolver(() => Stub)
  class SyncResolver {
    @FieldResolver(() => SyncStatus, { nullable: true, description: 'Whether billing, ERP, CRM and SaaS platform have what this says.' })
    sync(@Root() resource: Node, @Ctx() context: RequestContext) {
      return syncStatus(context, resource.id);
    }
  }
  return SyncResolver;
});
