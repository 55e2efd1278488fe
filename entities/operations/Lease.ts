import { Entity } from 'typeorm';
import { InstantColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';

/** A job that one process at a time may do, with a fencing token and the job's own counter. */
@Entity('lease')
export class Lease {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('name')
  name: string;

  @TextColumn('owner', 64)
  owner: string;

  @WholeColumn('fence')
  fence: number;

  @InstantColumn('expires_at_ms')
  expiresAtMs: number;

  @WholeColumn('counter')
  counter: number;
}
