import { Allowance, type BackendLimits } from '../../sync/limits';
import type { Waiting } from '../../sync/pages';
import { DATABASES, openedForEach } from '../harness/databases';

describe.each(DATABASES)('on %s', (kind) => {
  const opened = openedForEach(kind);

  const A = { channel: { name: 'erp/demo/A' }, lanes: 8 };
  const B = { channel: { name: 'erp/demo/B' }, lanes: 8 };
  const atWork = (channel: string, lanes: number) =>
    opened.database.transaction(async (sql) => {
      for (let lane = 0; lane < lanes; lane++) {
        await sql.query("INSERT INTO lane (tenant_id, id, backend, channel, next_sequence, due_at_ms, owner, fence, failures) VALUES ('demo', ?, 'erp', ?, 0, 99999999, 'x', 1, 0)", [
          `${channel}${lane}`, channel,
        ]);
      }
    });
  const lanes = (limits: BackendLimits, wanted = [A, B]) =>
    opened.database.transaction(async (sql) => (await Allowance.of(sql, { backend: 'erp', limits, nowMs: 1_000 })).lanes(wanted).map(({ channel, lanes: n }) => `${channel.name.at(-1)}${n}`));

  test('what is at work in any process counts against the concurrency of the backend', async () => {
    await atWork('erp/demo/C', 3);
    expect(await lanes({ concurrency: 10 })).toEqual(['A7']);
    expect(await lanes({ concurrency: 12 })).toEqual(['A8', 'B1']);
    expect(await lanes({ concurrency: 3 })).toEqual([]);
  });

  test('where there is room for one writer, a legal entity that has one gets no other', async () => {
    await atWork('erp/demo/A', 1);
    expect(await lanes({ channelConcurrency: 1 })).toEqual(['B1']);
  });

  const waiting = (id: string, ...waitsFor: string[]) => ({ posting: { id }, waitsFor }) as unknown as Waiting;
  const pages = (...sizes: number[]) => sizes.map((size) => Array.from({ length: size }, (_, index) => waiting(`${index}`)));
  const takeAt = (nowMs: number, perSecond: number, ...sizes: number[]) =>
    opened.database.transaction(async (sql) => {
      const allowance = await Allowance.of(sql, { backend: 'erp', limits: { perSecond }, nowMs });
      const wanted = sizes.map((_, index) => ({ channel: { name: `${index}` }, lanes: 1 }));
      const taken = await allowance.take(pages(...sizes).slice(0, allowance.lanes(wanted).length));
      return { taken: taken.map(({ length }) => length), nextMs: allowance.nextMs };
    });

  test('a rate gives a quarter of a second at once, each lane one document at least, and then what time brings', async () => {
    expect(await takeAt(10_000, 40, 20, 20)).toEqual({ taken: [9, 1], nextMs: 10_000 });
    expect(await takeAt(10_000, 40, 20)).toEqual({ taken: [1], nextMs: 10_025 });
    expect(await takeAt(10_010, 40, 20)).toEqual({ taken: [], nextMs: 10_025 });
    expect(await takeAt(10_100, 40, 1, 1, 1, 1)).toEqual({ taken: [1, 1, 1], nextMs: 10_100 });
  });

  test('a document that waits for another lane takes nothing, and stands in front of none that may go', async () => {
    const held = [waiting('1', 'elsewhere'), waiting('2', '1')];
    const mixed = [waiting('3', 'elsewhere'), waiting('4'), waiting('5', '4'), waiting('6')];
    await opened.database.transaction(async (sql) => {
      const allowance = await Allowance.of(sql, { backend: 'erp', limits: { perSecond: 8 }, nowMs: 10_000 });
      expect((await allowance.take([held, mixed])).map((page) => page.map(({ posting }) => posting.id))).toEqual([['1', '2'], ['3', '4', '5']]);
    });
    await opened.database.transaction(async (sql) => {
      const allowance = await Allowance.of(sql, { backend: 'erp', limits: { perSecond: 8 }, nowMs: 20_000 });
      await allowance.take([held]);
      expect(allowance.lanes([A])).toEqual([{ ...A, lanes: 2 }]);
    });
  });

  test('over time no more goes out than the rate', async () => {
    let documents = 0;
    for (let nowMs = 20_000; nowMs < 30_000; nowMs += 47) documents += (await takeAt(nowMs, 50, 20, 3)).taken.reduce((a, b) => a + b, 0);
    expect(documents).toBeGreaterThanOrEqual(495);
    expect(documents).toBeLessThanOrEqual(500 + 13);
  });
});
