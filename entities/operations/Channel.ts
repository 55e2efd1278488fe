import { Entity } from 'typeorm';
import { InstantColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';

/**
 * The road of one legal entity's documents to one backend, with the state of its circuit breaker. A channel that has never been in trouble has
 * no row.
 */
@Entity('channel')
export class Channel {
  @TenantColumn()
  tenantId: string;

  /** `backend/tenant/legal entity`, or `-` for documents of none. */
  @KeyColumn('name')
  name: string;

  /** Lanes that failed one after the other, with no answer between. */
  @WholeColumn('failures')
  failures: number;

  /** How often it opened since the backend last answered. */
  @WholeColumn('openings')
  openings: number;

  /** Nothing is sent before this; then one lane tries. Null while it is closed. */
  @InstantColumn('open_until_ms', { nullable: true })
  openUntilMs: number | null;

  /** Since when the backend has not answered. */
  @InstantColumn('since_ms', { nullable: true })
  sinceMs: number | null;

  @TextColumn('error_code', 64, { nullable: true })
  errorCode: string | null;

  @TextColumn('error_message', 500, { nullable: true })
  errorMessage: string | null;
}
