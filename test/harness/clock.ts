import type { Clock } from '../../sync/clock';
import { systemClock } from '../../sync/clock';

/** A clock that starts on a given day and runs on; tests may set it forward. */
export class TestClock implements Clock {
  private offsetMs: number;

  constructor(start = '2026-11-24T09:00:00Z') {
    this.offsetMs = Date.parse(start) - Date.now();
  }

  nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.wait(ms, signal);
  }

  /** Travels to an instant. */
  travelTo(instant: string): void {
    this.offsetMs = Date.parse(instant) - Date.now();
  }
}
