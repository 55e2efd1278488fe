import type { Clock } from '../../sync/clock';
import { systemClock } from '../../sync/clock';

/** A clock that starts on a given day and runs on, `speed` times as fast as real time; tests may set it forward. */
export class TestClock implements Clock {
  private startMs: number;
  private readonly bornMs = Date.now();

  constructor(start = '2026-11-24T09:00:00Z', private readonly speed = 1) {
    this.startMs = Date.parse(start);
  }

  nowMs(): number {
    return this.startMs + (Date.now() - this.bornMs) * this.speed;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.wait(ms / this.speed, signal);
  }

  /** Travels to an instant. */
  travelTo(instant: string): void {
    this.startMs += Date.parse(instant) - this.nowMs();
  }
}
