import { Entity } from 'typeorm';
import { InstantColumn, JsonColumn, KeyColumn, TenantColumn, TextColumn } from '../columns';

/** A claimed idempotency key: written in the transaction of the effect, so it exists if and only if the effect does. */
@Entity('idempotency_key')
export class IdempotencyKey {
  @TenantColumn()
  tenantId: string;

  /** SHA-256 of client, mutation name and key. */
  @KeyColumn('scope_hash')
  scopeHash: string;

  @TextColumn('input_hash', 64)
  inputHash: string;

  /** What the first call answered: a reference to the resource version, or a plain value. */
  @JsonColumn('answer', { nullable: true })
  answer: unknown;

  @InstantColumn('created_at_ms')
  createdAtMs: number;
}
