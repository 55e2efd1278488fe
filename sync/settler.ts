import type { Logger } from 'pino';
import { partsOfChannel } from './lanes';
import { loggable } from './loggable';
import type { Settle, Settlement } from './settlement';

const LANES_PER_SETTLEMENT_MAX = 128;

interface Waiting {
  settlement: Settlement;
  written: () => void;
}

/**
 * Writes what lanes have learned, for each tenant and backend as many together as came while the last transaction was at work. A lane never waits for a slower
 * one; and one that cannot be written is left to its lease, alone.
 */
export class Settler {
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(private readonly options: { settle: Settle; log: Pick<Logger, 'warn'> }) {}

  /** Resolves when it is written, or cannot be. */
  add(settlement: Settlement): Promise<void> {
    return new Promise((written) => {
      const { tenantId, channel } = settlement.lane;
      const key = `${tenantId}/${partsOfChannel(channel).backend}`;
      const queue = this.waiting.get(key);
      if (queue) return void queue.push({ settlement, written });
      this.waiting.set(key, [{ settlement, written }]);
      void this.drain(key, tenantId);
    });
  }

  private async drain(key: string, tenantId: string): Promise<void> {
    const queue = this.waiting.get(key)!;
    while (queue.length > 0) {
      const batch = queue.splice(0, LANES_PER_SETTLEMENT_MAX);
      await this.write(tenantId, batch.map(({ settlement }) => settlement));
      for (const { written } of batch) written();
    }
    this.waiting.delete(key);
  }

  private async write(tenantId: string, settlements: Settlement[]): Promise<void> {
    const { settle, log } = this.options;
    try {
      const { lost } = await settle(tenantId, settlements);
      for (const lane of lost) log.warn({ lane }, 'another runner has claimed the lane: what this one was told late is kept as evidence');
    } catch (error) {
      if (settlements.length > 1) for (const settlement of settlements) await this.write(tenantId, [settlement]);
      else log.warn({ err: loggable(error), lane: settlements[0]!.lane.id }, 'lane left to its lease');
    }
  }
}
