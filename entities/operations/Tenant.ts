import { Entity } from 'typeorm';
import { InstantColumn, TenantColumn, TextColumn } from '../columns';

/** A company that uses Evenkeel. `idNamespace` is the UUID namespace of its ids, known to it and its partners. */
@Entity('tenant')
export class Tenant {
  @TenantColumn()
  tenantId: string;

  @TextColumn('name')
  name: string;

  @TextColumn('id_namespace', 36)
  idNamespace: string;

  @InstantColumn('created_at_ms')
  createdAtMs: number;
}
