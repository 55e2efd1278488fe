import { Field, GraphQLISODateTime, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, KeyColumn, MinorColumn, TenantColumn, TextColumn } from '../columns';

/** Something that was used once. Its source and id name it for ever: it is never taken twice. */
@ObjectType({ simpleResolvers: true })
@Entity('usage_event')
export class UsageEvent {
  @TenantColumn()
  tenantId: string;

  /** Hash of source and id, 32 hex digits. */
  @KeyColumn('event_key')
  eventKey: string;

  @IdColumn('contract_id')
  contractId: string;

  @IdColumn('meter_id')
  meterId: string;

  /** The day of its time in the zone of the legal entity. */
  @DayColumn('on_day')
  onDay: string;

  @InstantColumn('at_ms')
  atMs: number;

  /** In 10^-decimals of the meter's unit; 1 for what is counted by the event. */
  @MinorColumn('quantity')
  quantity: bigint;

  /** What it names, hashed, where different things are counted. */
  @TextColumn('thing', 32, { nullable: true })
  thing: string | null;

  @Field({ description: 'Who sent it, as in CloudEvents.' })
  @TextColumn('source')
  source: string;

  @Field({ description: 'Its id at that source.' })
  @TextColumn('event_id')
  eventId: string;

  /** The act that took it in. */
  @TextColumn('batch_id', 36)
  batchId: string;

  @InstantColumn('cancelled_at_ms', { nullable: true })
  cancelledAtMs: number | null;

  @Field(() => String, { nullable: true, description: 'Why it was taken back.' })
  @TextColumn('cancelled_reason', 191, { nullable: true })
  cancelledReason: string | null;

  @Field(() => GraphQLISODateTime)
  get at(): Date {
    return new Date(this.atMs);
  }

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was taken back; it counts no more.' })
  get cancelledAt(): Date | null {
    return this.cancelledAtMs === null ? null : new Date(this.cancelledAtMs);
  }
}
