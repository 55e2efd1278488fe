import { Lane } from '../../entities/operations/Lane';
import { selectRows } from '../../entities/rows';
import { claimLanes, clockSkewMs } from '../../sync/claims';
import { BACKENDS } from '../../sync/documents';
import { reservePlaces } from '../../sync/lanes';
import { DATABASES, openedForEach } from '../harness/databases';

const LEASE_MS = 30_000;

describe.each(DATABASES)('on %s', (kind) => {
  const opened = openedForEach(kind);

  const reserve = (ids: string[], backend: string, nowMs: number) =>
    opened.database.transaction((sql) => reservePlaces(sql, { tenantId: 'demo', demands: ids.map((id) => ({ id, backend, channel: `${backend}/demo/-`, count: 1 })) }, nowMs));
  const claim = (backend: (typeof BACKENDS)[number], nowMs: number, owner = 'me') =>
    opened.database.transaction(async (sql) => (await claimLanes(sql, { owner, nowMs, leaseMs: LEASE_MS, probeMs: 20_000, wanted: [{ channel: channel(backend), lanes: 8 }] })).lanes);
  const channel = (backend: (typeof BACKENDS)[number]) => ({ name: `${backend}/demo/-`, tenantId: 'demo', dueMs: 0 });

  test('who claims for one backend never passes over its lane because others claim for theirs', async () => {
    for (const backend of BACKENDS) await reserve([`cus_1/${backend}`], backend, 0);
    const claimed: string[][] = [];
    for (let round = 1; round <= 40; round++) {
      const lanes = await Promise.all(BACKENDS.map((backend) => claim(backend, round * 2 * LEASE_MS)));
      claimed.push(lanes.map((found) => found.map(({ id }) => id).join()));
    }
    expect(claimed).toEqual(claimed.map(() => BACKENDS.map((backend) => `cus_1/${backend}`)));
  });

  test('of many who claim for one backend each lane has one owner', async () => {
    await reserve(Array.from({ length: 40 }, (_, index) => `cus_${index}/erp`), 'erp', 0);
    const found = (await Promise.all(Array.from({ length: 10 }, (_, index) => claim('erp', 1, `owner-${index}`)))).flat().map(({ id }) => id);
    expect(new Set(found).size).toBe(found.length);
  });

  test('a lane is not claimed before it is due, nor while the lease may still run by its owner\'s clock', async () => {
    await reserve(['cus_1/erp'], 'erp', 1_000);
    expect(await claim('erp', 999)).toEqual([]);
    expect(await claim('erp', 1_000)).toMatchObject([{ id: 'cus_1/erp', fence: 1, takenOver: false }]);
    const takeoverMs = 1_000 + LEASE_MS + clockSkewMs(LEASE_MS);
    expect(await claim('erp', takeoverMs - 1)).toEqual([]);
    expect(await claim('erp', takeoverMs)).toMatchObject([{ id: 'cus_1/erp', fence: 2, takenOver: true }]);
    const [lane] = await selectRows(opened.database.reads, Lane, { where: { tenantId: 'demo' } });
    expect(lane).toMatchObject({ fence: 2, owner: 'me' });
  });

  test('the lane that has been due the longest comes first', async () => {
    for (const [index, id] of ['c', 'a', 'b'].entries()) await reserve([`${id}/erp`], 'erp', index);
    expect((await claim('erp', 10)).map(({ id }) => id)).toEqual(['c/erp', 'a/erp', 'b/erp']);
  });
});
