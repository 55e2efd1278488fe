import { Field, GraphQLISODateTime, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { FlagColumn, InstantColumn, KeyColumn, IdColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';

/** What a backend said of a posting, where the posting itself does not tell it all: refusals, doubts, and what came too late. */
@ObjectType({ simpleResolvers: true })
@Entity('posting_answer')
export class PostingAnswer {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('id')
  id: string;

  @IdColumn('posting_id')
  postingId: string;

  /** The runner that asked, and under which fencing token. */
  @TextColumn('owner', 64)
  owner: string;

  @WholeColumn('fence')
  fence: number;

  @Field({ description: 'POSTED, REJECTED or UNCERTAIN.' })
  @TextColumn('outcome', 20)
  outcome: string;

  @Field(() => String, { nullable: true })
  @TextColumn('code', 64, { nullable: true })
  code: string | null;

  @Field(() => String, { nullable: true })
  @TextColumn('message', 500, { nullable: true })
  message: string | null;

  @Field(() => String, { nullable: true, description: "The document's id in the backend." })
  @TextColumn('reference', 191, { nullable: true })
  reference: string | null;

  @Field({ description: 'Said to a runner that had lost its lease: evidence, not an outcome.' })
  @FlagColumn('late')
  late: boolean;

  @InstantColumn('at_ms')
  atMs: number;

  @Field(() => GraphQLISODateTime)
  get at(): Date {
    return new Date(this.atMs);
  }
}
