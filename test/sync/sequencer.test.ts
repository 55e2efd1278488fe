import fc from 'fast-check';
import { Change } from '../../entities/operations/Change';
import { uuidV7 } from '../../entities/ids';
import { insertRows, selectRows } from '../../entities/rows';
import { inVersionOrder, sequence } from '../../sync/sequencer';
import { DATABASES, openedForEach } from '../harness/databases';

const row = fc.record({ tenant_id: fc.constantFrom('a', 'b'), resource_id: fc.constantFrom('r', 's', 't'), version: fc.integer({ min: 1, max: 50 }) });
const keyOf = (item: { tenant_id: string; resource_id: string }) => `${item.tenant_id}|${item.resource_id}`;

test('versions of one resource come in order, and every place stays with the resource that had it', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const ordered = inVersionOrder(rows);
      expect(ordered.map(keyOf)).toEqual(rows.map(keyOf));
      expect(new Set(ordered)).toEqual(new Set(rows));
      for (const key of new Set(rows.map(keyOf))) {
        const versions = ordered.filter((item) => keyOf(item) === key).map((item) => item.version);
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
      }
    }),
  );
});

test('versions are compared as numbers, as whichever type the driver hands them over', () => {
  const rows = ['10', 9n, 2].map((version) => ({ tenant_id: 'a', resource_id: 'r', version }));
  expect(inVersionOrder(rows).map((item) => Number(item.version))).toEqual([2, 9, 10]);
});

describe.each(DATABASES)('on %s', (kind) => {
  const opened = openedForEach(kind);

  const changeOf = (tenantId: string, resourceId: string, version: number) =>
    Object.assign(new Change(), {
      tenantId, resourceId, version, id: uuidV7(1_800_000_000_000), position: null, type: 'x.y', resourceType: 'X', customerId: null, correlationId: 'c', occurredAtMs: 1, data: {},
    });
  const write = (changes: Change[]) => opened.database.transaction((sql) => insertRows(sql, Change, changes));
  const places = async () => {
    const rows = await opened.database.reads.query<{ position: unknown }>('SELECT position FROM `change` ORDER BY position');
    return rows.map(({ position }) => Number(position));
  };

  test('places are given without a gap, go on where they ended, and are never given anew', async () => {
    await write([changeOf('a', 'r', 1), changeOf('b', 'r', 1)]);
    expect(await sequence(opened.database)).toBe(2);
    expect(await sequence(opened.database)).toBe(0);
    await write([changeOf('a', 's', 1), changeOf('a', 'r', 2), changeOf('b', 's', 1)]);
    expect(await sequence(opened.database)).toBe(3);
    expect(await places()).toEqual([1, 2, 3, 4, 5]);
  });

  test('what one process wrote with a slow clock still comes after the version before it', async () => {
    await write([changeOf('a', 'r', 2), changeOf('a', 's', 1), changeOf('a', 'r', 1)]);
    await sequence(opened.database);
    const rows = await selectRows(opened.database.reads, Change, { where: { tenantId: 'a' }, orderBy: 'position' });
    expect(rows.map(({ resourceId, version }) => `${resourceId}${version}`)).toEqual(['r1', 's1', 'r2']);
  });

  test('more sequencers than one give each change one place', async () => {
    await write(Array.from({ length: 200 }, (_, index) => changeOf('a', `r${index}`, 1)));
    const placed = await Promise.all(Array.from({ length: 8 }, () => sequence(opened.database)));
    expect(placed.reduce((a, b) => a + b)).toBe(200);
    expect(await places()).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });
});
