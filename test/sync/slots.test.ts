import { Hands, Slots } from '../../sync/slots';

/** Acquires and remembers who started. */
function caller(slots: Slots) {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  return {
    started,
    async call(...channels: string[]) {
      for (const channel of channels) void slots.acquire(channel).then((end) => (started.push(channel), ends.push(end)));
      await Promise.resolve();
    },
    async end(index: number) {
      ends[index]!();
      await Promise.resolve();
    },
  };
}

test('a channel makes no more calls at once than it may, and the next when one ends', async () => {
  const { started, call, end } = caller(new Slots({ perChannel: 2, perBackend: 10 }));
  await call('a', 'a', 'a');
  expect(started).toEqual(['a', 'a']);
  await end(0);
  expect(started).toEqual(['a', 'a', 'a']);
});

test('a channel that hangs does not take the last call of a backend that others share', async () => {
  const slots = new Slots({ perChannel: 4, perBackend: 4 });
  slots.share(2);
  const { started, call } = caller(slots);
  await call('hanging', 'hanging', 'hanging', 'hanging', 'other');
  expect(started).toEqual(['hanging', 'hanging', 'hanging', 'other']);
});

test('a channel alone has all of them', async () => {
  const slots = new Slots({ perChannel: 4, perBackend: 4 });
  slots.share(1);
  const { started, call } = caller(slots);
  await call('a', 'a', 'a', 'a');
  expect(started).toEqual(['a', 'a', 'a', 'a']);
});

test('who has to wait holds up nobody behind', async () => {
  const { started, call } = caller(new Slots({ perChannel: 1, perBackend: 3 }));
  await call('a', 'a', 'b', 'c');
  expect(started).toEqual(['a', 'b', 'c']);
});

test('the lanes in hand grow where they are quick, and shrink to what the calls need where they are slow', () => {
  const hands = new Hands(8);
  expect(hands.room('erp')).toBe(24);
  const work = (times: number, tookMs: number) => {
    for (let time = 0; time < times; time++) (hands.take('erp'), hands.release('erp', tookMs));
  };
  work(100, 3);
  expect(hands.room('erp')).toBe(56);
  work(3, 5_000);
  expect(hands.room('erp')).toBe(24);
  for (let lane = 0; lane < 24; lane++) hands.take('erp');
  expect([hands.room('erp'), hands.room('other'), hands.full]).toEqual([0, 24, 24]);
});
