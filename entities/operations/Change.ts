import { Entity } from 'typeorm';
import { IdColumn, InstantColumn, JsonColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';

/** One thing that happened to one resource. It gets its position in the change log after commit, from the sequencer. */
@Entity('change')
export class Change {
  @TenantColumn()
  tenantId: string;

  /** UUIDv7; the event's id on every channel. */
  @KeyColumn('id')
  id: string;

  /** Place in the log, null until sequenced. Readers ask for positions above their cursor. */
  @WholeColumn('position', { nullable: true })
  position: number | null;

  @TextColumn('type', 60)
  type: string;

  @TextColumn('resource_type', 40)
  resourceType: string;

  @IdColumn('resource_id')
  resourceId: string;

  @WholeColumn('version')
  version: number;

  @IdColumn('customer_id', { nullable: true })
  customerId: string | null;

  @TextColumn('correlation_id', 64)
  correlationId: string;

  @InstantColumn('occurred_at_ms')
  occurredAtMs: number;

  @JsonColumn('data')
  data: Record<string, unknown>;
}
