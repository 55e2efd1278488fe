import { Directive, Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import type { Backend, DocumentKind, PostingDocument } from '../../sync/documents';
import { IdColumn, InstantColumn, JsonColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';
import { Node } from '../types';

export enum PostingState {
  PENDING = 'PENDING',
  /** Sent, and nobody knows the outcome: looked up before it is sent again. */
  UNCERTAIN = 'UNCERTAIN',
  POSTED = 'POSTED',
  /** The backend said no; an exception is open. */
  REJECTED = 'REJECTED',
  /** Not wanted any more: `supersededReason` says why. */
  SUPERSEDED = 'SUPERSEDED',
}
registerEnumType(PostingState, { name: 'PostingState' });

export enum SupersededReason {
  /** Taken back before it was sent. */
  NEVER_SENT = 'NEVER_SENT',
  /** Taken back after the backend had refused it. */
  REJECTED = 'REJECTED',
  /** A later version of the same thing was posted. */
  LATER_VERSION = 'LATER_VERSION',
  /** It takes back what the backend never had. */
  NOTHING_TO_UNDO = 'NOTHING_TO_UNDO',
}
registerEnumType(SupersededReason, {
  name: 'SupersededReason',
  description:
    'NEVER_SENT, REJECTED: taken back before the backend had it. LATER_VERSION: a later version was posted. NOTHING_TO_UNDO: what it takes back never was there.',
});

/** One document on its way to one backend. Its id is computed from both, so that the same document never queues twice. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('posting')
export class Posting extends Node {
  @TenantColumn()
  tenantId: string;

  @Field(() => ID)
  @KeyColumn('id')
  override id: string;

  @TextColumn('lane', 80)
  lane: string;

  /** Position in its lane: postings of one lane go out in this order. */
  @WholeColumn('sequence')
  sequence: number;

  @Field(() => String)
  @TextColumn('backend', 20)
  backend: Backend;

  @Field(() => String, { description: 'Kind of the document.' })
  @TextColumn('kind', 20)
  kind: DocumentKind;

  @Field(() => ID)
  @IdColumn('resource_id')
  resourceId: string;

  /** A second resource whose status follows this posting: the invoice of an application. */
  @IdColumn('related_id', { nullable: true })
  relatedId: string | null;

  @Field(() => PostingState)
  @TextColumn('state', 20)
  state: PostingState;

  @JsonColumn('document')
  document: PostingDocument;

  @Field()
  @TextColumn('correlation_id', 64)
  correlationId: string;

  @Field(() => Int, { description: 'Grows with each outcome: it is the version of the posting in the change log.' })
  @WholeColumn('attempts')
  attempts: number;

  @Field(() => String, { nullable: true, description: "The document's id in the backend." })
  @TextColumn('backend_reference', 191, { nullable: true })
  backendReference: string | null;

  @Field(() => String, { nullable: true })
  @TextColumn('error_code', 64, { nullable: true })
  errorCode: string | null;

  @Field(() => String, { nullable: true })
  @TextColumn('error_message', 500, { nullable: true })
  errorMessage: string | null;

  @Field(() => ID, { nullable: true, description: 'The posting that this one takes back.' })
  @TextColumn('undoes', 80, { nullable: true })
  undoes: string | null;

  @Field(() => ID, { nullable: true, description: 'The posting that made this one unnecessary.' })
  @TextColumn('superseded_by', 80, { nullable: true })
  supersededBy: string | null;

  @Field(() => SupersededReason, { nullable: true })
  @TextColumn('superseded_reason', 20, { nullable: true })
  supersededReason: SupersededReason | null;

  @Field(() => ID, { nullable: true, description: 'The last replay that asked the backend for it again.' })
  @IdColumn('replay_id', { nullable: true })
  replayId: string | null;

  @InstantColumn('created_at_ms')
  createdAtMs: number;

  @InstantColumn('settled_at_ms', { nullable: true })
  settledAtMs: number | null;

  /** Grows with each outcome. */
  get version(): number {
    return this.attempts;
  }

  @Field(() => GraphQLISODateTime)
  get createdAt(): Date {
    return new Date(this.createdAtMs);
  }

  @Field(() => GraphQLISODateTime, { nullable: true })
  get postedAt(): Date | null {
    return this.state === PostingState.POSTED && this.settledAtMs !== null ? new Date(this.settledAtMs) : null;
  }
}
