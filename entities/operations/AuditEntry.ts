import { Entity } from 'typeorm';
import { InstantColumn, JsonColumn, KeyColumn, TenantColumn, TextColumn } from '../columns';

/** Who did what, when, with which input (by hash) and to which resources. Written in the act's own transaction. */
@Entity('audit_entry')
export class AuditEntry {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('id')
  id: string;

  @TextColumn('command', 60)
  command: string;

  @TextColumn('client', 80)
  client: string;

  @TextColumn('role', 20)
  role: string;

  @TextColumn('correlation_id', 64)
  correlationId: string;

  @TextColumn('input_hash', 64)
  inputHash: string;

  @InstantColumn('at_ms')
  atMs: number;

  /** `id@version` of each resource written. */
  @JsonColumn('resources')
  resources: string[];
}
