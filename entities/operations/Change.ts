import { Field, GraphQLISODateTime, ID, Int, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, InstantColumn, JsonColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';
import { Json } from '../types';

/** One thing that happened to one resource. It gets its position in the change log after commit, from the sequencer. */
@ObjectType({ simpleResolvers: true })
@Entity('change')
export class Change {
  @TenantColumn()
  tenantId: string;

  /** UUIDv7; the event's id on every channel. */
  @Field(() => ID)
  @KeyColumn('id')
  id: string;

  /** Place in the log, null until sequenced. Readers ask for positions above their cursor. */
  @WholeColumn('position', { nullable: true })
  position: number | null;

  @Field({ description: 'Event type, e.g. "invoice.issued"; schema/events/ has the shape of its data.' })
  @TextColumn('type', 60)
  type: string;

  @Field()
  @TextColumn('resource_type', 40)
  resourceType: string;

  @Field(() => ID)
  @IdColumn('resource_id')
  resourceId: string;

  @Field(() => Int, { description: 'Version of the resource after the change.' })
  @WholeColumn('version')
  version: number;

  @Field(() => ID, { nullable: true })
  @IdColumn('customer_id', { nullable: true })
  customerId: string | null;

  @Field()
  @TextColumn('correlation_id', 64)
  correlationId: string;

  @InstantColumn('occurred_at_ms')
  occurredAtMs: number;

  @Field(() => Json)
  @JsonColumn('data')
  data: Record<string, unknown>;

  @Field({ description: 'Where to go on from after this change.' })
  get cursor(): string {
    return String(this.position);
  }

  @Field(() => GraphQLISODateTime)
  get occurredAt(): Date {
    return new Date(this.occurredAtMs);
  }
}
