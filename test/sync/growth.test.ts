import { type Clock, systemClock } from '../../sync/clock';
import { Growth } from '../../sync/growth';

/** A clock whose waits end when the test says so. */
class HandClock implements Clock {
  readonly naps: (() => void)[] = [];
  nowMs = () => 0;
  wait = () => new Promise<void>((resolve) => void this.naps.push(resolve));
  async poll(): Promise<void> {
    this.naps.shift()!();
    await systemClock.wait(0);
  }
}

function growthOf(lastPlace: () => Promise<number>) {
  const clock = new HandClock();
  const growth = new Growth(clock, lastPlace);
  const woken: number[] = [];
  const follow = (name: number, signal = new AbortController().signal) => growth.grown(signal).then(() => void woken.push(name));
  return { clock, growth, woken, follow };
}

test('one look a poll serves all who follow, and wakes them only when another process made the log grow', async () => {
  let [last, looks] = [7, 0];
  const { clock, woken, follow } = growthOf(async () => (looks++, last));
  for (let name = 0; name < 50; name++) void follow(name);
  await clock.poll();
  expect(woken).toHaveLength(50); // before the first look nobody knows whether it grew
  for (let name = 0; name < 50; name++) void follow(name);
  for (let poll = 0; poll < 3; poll++) await clock.poll();
  expect([woken.length, looks]).toEqual([50, 4]);
  last = 8;
  await clock.poll();
  expect([woken.length, looks]).toEqual([100, 5]);
});

test('growth of this process wakes at once, and nobody following costs no look', async () => {
  let looks = 0;
  const { clock, growth, woken, follow } = growthOf(async () => (looks++, 7));
  const following = follow(1);
  growth.notify();
  await following;
  await clock.poll();
  expect([woken, looks, clock.naps.length]).toEqual([[1], 0, 0]);
});

test('who comes back after a while misses nothing that grew before the next look', async () => {
  let last = 7;
  const { clock, growth, woken, follow } = growthOf(async () => last);
  void follow(1);
  await clock.poll();
  expect(woken).toEqual([1]);
  growth.notify();
  void follow(2);
  last = 8;
  await clock.poll();
  expect(woken).toEqual([1, 2]);
});

test('whoever stops following is let go at once, and a look that fails wakes all to find out why', async () => {
  const { clock, woken, follow } = growthOf(async () => Promise.reject(new Error('gone')));
  const following = follow(1);
  await clock.poll();
  await following;
  const ended = new AbortController();
  const again = follow(2, ended.signal);
  ended.abort();
  await again;
  expect(woken).toEqual([1, 2]);
});
