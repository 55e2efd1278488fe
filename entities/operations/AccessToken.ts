import { Entity } from 'typeorm';
import { InstantColumn, KeyColumn, TenantColumn, TextColumn } from '../columns';

/** A bearer token, kept only as its SHA-256. */
@Entity('access_token')
export class AccessToken {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('token_hash')
  tokenHash: string;

  @TextColumn('client', 80)
  client: string;

  @TextColumn('role', 20)
  role: string;

  @InstantColumn('created_at_ms')
  createdAtMs: number;

  @InstantColumn('revoked_at_ms', { nullable: true })
  revokedAtMs: number | null;
}
