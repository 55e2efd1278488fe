import { systemClock } from '../../sync/clock';

/** Waits until a condition holds, looking often; fails with `what` after a bound of time. */
export async function until(what: string, condition: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const endMs = systemClock.nowMs() + withinMs;
  while (!(await condition())) {
    if (systemClock.nowMs() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await systemClock.wait(25);
  }
}
