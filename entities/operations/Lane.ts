import { Entity } from 'typeorm';
import { InstantColumn, KeyColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';

/** The queue of one customer's documents of one legal entity towards one backend. A runner claims the lane, not the postings, so their order holds. */
@Entity('lane')
export class Lane {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('id')
  id: string;

  @TextColumn('backend', 20)
  backend: string;

  /** The lanes of one legal entity and backend, which fail together: see `Channel`. */
  @TextColumn('channel', 80)
  channel: string;

  @WholeColumn('next_sequence')
  nextSequence: number;

  /** When a runner may claim it: at once, after back-off, or when the lease of a silent owner has run out. */
  @InstantColumn('due_at_ms')
  dueAtMs: number;

  @TextColumn('owner', 64, { nullable: true })
  owner: string | null;

  /** Fencing token: counts claims; what an earlier owner still says is refused. */
  @WholeColumn('fence')
  fence: number;

  @WholeColumn('failures')
  failures: number;
}
