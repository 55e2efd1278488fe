import { Entity, PrimaryColumn } from 'typeorm';
import { InstantColumn, JsonColumn, KeyColumn, TenantColumn } from '../columns';

/** Every version of every resource as it was: `body` is the whole row. */
@Entity('resource_version')
export class ResourceVersion {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('resource_id')
  resourceId: string;

  @PrimaryColumn({ name: 'version', type: 'bigint', transformer: { to: (value: number) => value, from: Number } })
  version: number;

  @InstantColumn('recorded_at_ms')
  recordedAtMs: number;

  @JsonColumn('body')
  body: Record<string, unknown>;
}
