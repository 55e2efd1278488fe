import { Field, GraphQLISODateTime, Int, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, InstantColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';
import { LocalDate } from '../types';

/** Why a posting is not in the books of a backend: they are closed for its date. What was refused, and what is to become of it. */
@ObjectType({ simpleResolvers: true })
@Entity('period_hold')
export class PeriodHold {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('posting_id')
  postingId: string;

  @Field(() => LocalDate, { description: 'The posting date that was refused last.' })
  @DayColumn('refused_date')
  refusedDate: string;

  @Field(() => LocalDate, { nullable: true, description: 'First day after it that the books take, if the backend tells.' })
  @DayColumn('open_from', { nullable: true })
  openFrom: string | null;

  /** When it is sent again by itself; null if it waits for a person. */
  @InstantColumn('due_at_ms', { nullable: true })
  dueAtMs: number | null;

  @Field(() => Int, { description: 'How often the posting got another date.' })
  @WholeColumn('redatings')
  redatings: number;

  @Field(() => LocalDate, { nullable: true, description: 'The posting date that waits for a second person.' })
  @DayColumn('proposed_date', { nullable: true })
  proposedDate: string | null;

  @Field(() => String, { nullable: true })
  @TextColumn('proposed_by', 80, { nullable: true })
  proposedBy: string | null;

  @InstantColumn('proposed_at_ms', { nullable: true })
  proposedAtMs: number | null;

  @Field(() => String, { nullable: true, description: 'Why that date, in the words of who proposed it.' })
  @TextColumn('reason', 191, { nullable: true })
  reason: string | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it is sent again by itself; null if it waits for a person.' })
  get retryAt(): Date | null {
    return this.dueAtMs === null ? null : new Date(this.dueAtMs);
  }

  @Field(() => GraphQLISODateTime, { nullable: true })
  get proposedAt(): Date | null {
    return this.proposedAtMs === null ? null : new Date(this.proposedAtMs);
  }
}
