import type { Lease } from '../entities/operations/Lease';
import { type Sql, updateRow } from '../entities/rows';
import type { Backend } from './documents';
import { lockLease } from './leases';
import { sendable, type Waiting } from './pages';

/** What a backend can take, across all processes. */
export interface BackendLimits {
  /** Lanes at work at once. */
  concurrency?: number;
  /** Lanes of one legal entity at work at once: 1 where the books have room for one writer. */
  channelConcurrency?: number;
  /** Documents a second. */
  perSecond?: number;
}

/** A backend that was idle may get so much of its rate at once. */
const BURST_MS = 250;
const US_PER_MS = 1_000;

/** What may be claimed now. Holds the backend's limits until the transaction ends, so that two processes never take the same room. */
export class Allowance {
  private constructor(
    private readonly sql: Sql,
    private readonly limits: BackendLimits,
    /** The lease's counter is the microsecond up to which the rate is spent. */
    private readonly state: { lease: Lease; nowMs: number; atWork: Map<string, number> },
  ) {}

  static async of(sql: Sql, { backend, limits, nowMs }: { backend: Backend; limits: BackendLimits; nowMs: number }): Promise<Allowance> {
    const lease = await lockLease(sql, `limits/${backend}`);
    const rows = await sql.query<{ channel: string; n: unknown }>(
      'SELECT channel, COUNT(*) AS n FROM lane WHERE backend = ? AND owner IS NOT NULL AND due_at_ms > ? GROUP BY channel',
      [backend, nowMs],
    );
    return new Allowance(sql, limits, { lease, nowMs, atWork: new Map(rows.map(({ channel, n }) => [channel, Number(n)])) });
  }

  /** How many more lanes of each channel may be claimed, when so many are wanted. */
  lanes<Wanted extends { channel: { name: string }; lanes: number }>(wanted: readonly Wanted[]): Wanted[] {
    const { concurrency = Infinity, channelConcurrency = Infinity } = this.limits;
    const { atWork } = this.state;
    let room = Math.min(concurrency - [...atWork.values()].reduce((a, b) => a + b, 0), this.documents());
    return wanted.flatMap((item) => {
      const lanes = Math.min(item.lanes, room, channelConcurrency - (atWork.get(item.channel.name) ?? 0));
      room -= Math.max(lanes, 0);
      return lanes > 0 ? [{ ...item, lanes }] : [];
    });
  }

  /**
   * Takes from the rate what the pages need, at least one document each; what it has not is left in its lane for the next claim. A document that
   * waits for another lane's takes nothing and does not stand in front of one that may go.
   */
  async take(pages: Waiting[][]): Promise<Waiting[][]> {
    const { perSecond } = this.limits;
    if (perSecond === undefined) return pages;
    const free = pages.map((page) => sendable(page));
    let left = this.documents() - free.filter(({ length }) => length > 0).length;
    let documents = 0;
    const taken = pages.map((page, index) => {
      const going = free[index]!;
      const count = Math.min(going.length, 1 + Math.max(left, 0));
      left -= Math.max(count - 1, 0);
      documents += count;
      return count < going.length ? page.slice(0, page.indexOf(going[count]!)) : page;
    });
    const { lease, nowMs } = this.state;
    const earliestUs = (nowMs - BURST_MS) * US_PER_MS;
    lease.counter = Math.max(lease.counter, earliestUs) + Math.round((documents * 1_000 * US_PER_MS) / perSecond);
    if (documents > 0) await updateRow(this.sql, lease);
    return taken;
  }

  /** When the rate has room for the next document; never, if it has no part in what may be claimed. */
  get nextMs(): number {
    return this.limits.perSecond === undefined ? Infinity : Math.ceil(this.state.lease.counter / US_PER_MS);
  }

  /** Documents that the rate has room for now. */
  private documents(): number {
    const { perSecond } = this.limits;
    if (perSecond === undefined) return Infinity;
    const { lease, nowMs } = this.state;
    const sinceUs = Math.min(nowMs * US_PER_MS - lease.counter, BURST_MS * US_PER_MS);
    const full = Math.floor((sinceUs * perSecond) / (1_000 * US_PER_MS));
    return sinceUs >= 0 ? Math.max(full, 1) : 0;
  }
}
