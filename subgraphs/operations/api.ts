import { createUnionType, Field, GraphQLISODateTime, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { CaseState } from '../../entities/collections/CollectionCase';
import { Change } from '../../entities/operations/Change';
import { ExceptionItem, ExceptionKind, ExceptionState } from '../../entities/operations/ExceptionItem';
import { Posting, PostingState } from '../../entities/operations/Posting';
import { LocalDate, Money } from '../../entities/types';
import { connectionOf } from '../connection';
import { ChangeInput, MutationInput } from '../input';
import { Refused } from '../refusal';
import { Replay } from './queries/replayable';
import type { BackendState, SyncState } from './rules';

export const PostingConnection = connectionOf(Posting);
export const ExceptionConnection = connectionOf(ExceptionItem);

const SYNC_STATES = { IN_SYNC: 'IN_SYNC', PENDING: 'PENDING', BLOCKED: 'BLOCKED' } as const satisfies Record<SyncState, SyncState>;
registerEnumType(SYNC_STATES, { name: 'SyncState', description: 'BLOCKED: a person is needed. PENDING: machines are still at it.' });
export const BACKEND_STATES = {
  NOT_APPLICABLE: 'NOT_APPLICABLE', IN_SYNC: 'IN_SYNC', PENDING: 'PENDING', UNCERTAIN: 'UNCERTAIN', REJECTED: 'REJECTED',
} as const satisfies Record<BackendState, BackendState>;
registerEnumType(BACKEND_STATES, { name: 'BackendState' });

/** Whether the other systems have what this resource says. */
@ObjectType({ simpleResolvers: true })
export class SyncStatus {
  resourceId: string;

  @Field(() => SYNC_STATES)
  state: SyncState;

  @Field(() => BACKEND_STATES)
  billing: BackendState;

  @Field(() => BACKEND_STATES)
  erp: BackendState;

  @Field(() => BACKEND_STATES)
  crm: BackendState;

  @Field(() => BACKEND_STATES)
  saas: BackendState;

  @Field(() => Int, { description: 'Seconds the oldest unsettled posting has been waiting.' })
  lag: number;

  @Field(() => [ID], { description: 'Postings that must be in the books before the waiting ones may go.' })
  heldBy: string[];

  @Field(() => [ExceptionItem], { description: 'Open exceptions of the resource and its postings.' })
  exceptions: ExceptionItem[];
}

/** Open receivables and unapplied cash of one currency. Ageing is by days past due, in the legal entity's zone. */
@ObjectType({ simpleResolvers: true })
export class CustomerBalance {
  @Field()
  currency: string;

  @Field(() => Money)
  open: Money;

  @Field(() => Money)
  overdue: Money;

  @Field(() => Money, { description: 'Cash, and credits beyond what was open, that are the customer\'s.' })
  unapplied: Money;

  @Field(() => Money)
  notDue: Money;

  @Field(() => Money)
  days1To30: Money;

  @Field(() => Money)
  days31To60: Money;

  @Field(() => Money)
  days61To90: Money;

  @Field(() => Money)
  over90Days: Money;
}

/** How far a source or target of the customer's data is. */
@ObjectType({ simpleResolvers: true })
export class Freshness {
  @Field({ description: 'BANK, BILLING, ERP, CRM or SAAS.' })
  source: string;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Everything up to here is in; null if nothing ever was.' })
  asOf: Date | null;
}

/** Contract, billing, cash, dunning and entitlement of a customer in one look. */
@ObjectType({ simpleResolvers: true })
export class FinancialStatus {
  @Field(() => SYNC_STATES)
  state: SyncState;

  @Field(() => Int)
  activeContracts: number;

  @Field(() => [CustomerBalance])
  balances: CustomerBalance[];

  @Field(() => CaseState, { nullable: true })
  dunningStage: CaseState | null;

  @Field({ description: 'FULL, HELD (an expansion waits for the backends) or NONE.' })
  entitlementAccess: string;

  @Field(() => Int)
  openExceptions: number;

  @Field(() => Int, { description: 'Seconds the oldest unsettled posting has been waiting.' })
  lag: number;

  @Field(() => [Freshness])
  freshness: Freshness[];
}

const BREAKER_STATES = { CLOSED: 'CLOSED', OPEN: 'OPEN' } as const;
registerEnumType(BREAKER_STATES, { name: 'BreakerState', description: 'CLOSED: documents go through. OPEN: nothing is sent until `nextTryAt`, then one document tries.' });

/** The road of one legal entity's documents to one backend. */
@ObjectType({ simpleResolvers: true })
export class ChannelStatus {
  @Field({ description: 'billing, erp, crm or saas.' })
  backend: string;

  @Field(() => String, { nullable: true, description: 'Null for documents of no legal entity, such as customers.' })
  legalEntityCode: string | null;

  @Field(() => BREAKER_STATES, { description: 'The circuit breaker.' })
  breaker: keyof typeof BREAKER_STATES;

  @Field(() => Int, { description: 'Customers whose documents failed one after the other, with no answer between.' })
  failures: number;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Since when the backend has not answered.' })
  silentSince: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  nextTryAt: Date | null;

  @Field(() => String, { nullable: true })
  errorCode: string | null;

  @Field(() => String, { nullable: true })
  errorMessage: string | null;
}

/** A stretch of the change log. */
@ObjectType({ simpleResolvers: true })
export class ChangePage {
  @Field(() => [Change])
  nodes: Change[];

  @Field({ description: 'Ask for changes after this next.' })
  endCursor: string;

  @Field()
  hasMore: boolean;
}

/** Who the token speaks for. */
@ObjectType({ simpleResolvers: true })
export class Viewer {
  @Field()
  tenant: string;

  @Field()
  client: string;

  @Field()
  role: string;

  @Field({ description: 'UUID namespace of the tenant: with it anyone can compute ids from natural keys.' })
  idNamespace: string;
}

@InputType()
export class RetryPostingInput extends MutationInput {
  @Field(() => ID)
  postingId: string;
}

@InputType()
export class ProposePostingDateInput extends ChangeInput {
  @Field(() => ID)
  postingId: string;

  @Field(() => LocalDate, { description: 'The accounting date; the document keeps its own.' })
  postingDate: string;

  @Field({ description: 'Why that date.' })
  reason: string;
}

@InputType()
export class ApprovePostingDateInput extends ChangeInput {
  @Field(() => ID)
  postingId: string;

  @Field(() => LocalDate, { nullable: true, description: 'Refused with PROPOSAL_CHANGED if another date is proposed by now.' })
  postingDate?: string | null;
}

@InputType()
export class ReplayPostingsInput extends MutationInput {
  @Field({ description: 'billing, erp, crm or saas: the backend whose books are to be compared. No other is called.' })
  backend: string;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Documents queued at this instant or later.' })
  createdFrom?: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Documents queued before this instant.' })
  createdTo?: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Documents confirmed by the backend at this instant or later.' })
  postedFrom?: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Documents confirmed by the backend before this instant.' })
  postedTo?: Date;

  @Field(() => String, { nullable: true, description: 'Only documents of this legal entity. Customers belong to none.' })
  legalEntityCode?: string;

  @Field(() => [String], { nullable: true, description: 'Only documents of these kinds.' })
  kinds?: string[];

  @Field(() => ID, { nullable: true })
  customerId?: string;

  @Field({ defaultValue: true, description: 'Only counts what would be looked up.' })
  dryRun: boolean;

  @Field({ description: 'Why, for the audit: 1 to 191 characters.' })
  reason: string;
}

@InputType()
export class AssignExceptionInput extends ChangeInput {
  @Field(() => ID)
  exceptionId: string;

  @Field()
  owner: string;
}

@InputType()
export class ResolveExceptionInput extends ChangeInput {
  @Field(() => ID)
  exceptionId: string;

  @Field()
  resolution: string;
}

@InputType()
export class PostingFilter {
  @Field(() => PostingState, { nullable: true })
  state?: PostingState;

  @Field(() => String, { nullable: true, description: 'billing, erp, crm or saas.' })
  backend?: string;

  @Field(() => ID, { nullable: true })
  resourceId?: string;

  @Field(() => ID, { nullable: true })
  replayId?: string;

  @Field(() => String, { nullable: true, description: 'All of one business act; a page of them comes in the order of their steps.' })
  correlationId?: string;
}

@InputType()
export class ExceptionFilter {
  @Field(() => ExceptionState, { nullable: true })
  state?: ExceptionState;

  @Field(() => ExceptionKind, { nullable: true })
  kind?: ExceptionKind;

  @Field(() => ID, { nullable: true })
  customerId?: string;

  @Field(() => String, { nullable: true })
  owner?: string;
}

export const RetryPostingResult = createUnionType({ name: 'RetryPostingResult', types: () => [Posting, Refused] as const });
export const ProposePostingDateResult = createUnionType({ name: 'ProposePostingDateResult', types: () => [Posting, Refused] as const });
export const ApprovePostingDateResult = createUnionType({ name: 'ApprovePostingDateResult', types: () => [Posting, Refused] as const });
export const ReplayPostingsResult = createUnionType({ name: 'ReplayPostingsResult', types: () => [Replay, Refused] as const });
export const AssignExceptionResult = createUnionType({ name: 'AssignExceptionResult', types: () => [ExceptionItem, Refused] as const });
export const ResolveExceptionResult = createUnionType({ name: 'ResolveExceptionResult', types: () => [ExceptionItem, Refused] as const });
