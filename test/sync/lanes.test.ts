import { createConnection } from 'mysql2/promise';
import { type Database, openDatabase } from '../../entities/database';
import { makeDue, reservePlaces } from '../../sync/lanes';
import { freshDatabase, type TestDatabase } from '../harness/databases';
import { needs } from '../harness/services';

const describeMysql = needs('mysql') ? describe : describe.skip;

describeMysql('on mysql', () => {
  let database: Database;
  let fresh: TestDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase('mysql');
    database = await openDatabase(fresh.where);
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });

  test('waking a claimed lane holds it until the commit and leaves out a place, so that giving it back cannot miss what became ready', async () => {
    const lane = { tenantId: 'demo', id: 'cus_1/saas' };
    await database.transaction((sql) => reservePlaces(sql, { tenantId: 'demo', demands: [{ id: lane.id, backend: 'saas', channel: 'saas/demo/-', count: 1 }] }, 1_000));
    await database.transaction((sql) => sql.query("UPDATE lane SET owner = 'someone', due_at_ms = 31000 WHERE id = ?", [lane.id]));
    const other = await createConnection(fresh.where);
    const giveBack = () => other.query('SELECT * FROM lane WHERE tenant_id = ? AND id = ? FOR UPDATE NOWAIT', [lane.tenantId, lane.id]);
    await database.transaction(async (sql) => {
      await makeDue(sql, { tenantId: 'demo', lanes: [lane.id] }, 2_000);
      await expect(giveBack()).rejects.toThrow(/lock/i);
    });
    const [rows] = (await giveBack()) as unknown as [{ owner: string; due_at_ms: number; next_sequence: number }[]];
    expect(rows[0]).toMatchObject({ owner: 'someone', due_at_ms: 31_000, next_sequence: 2 });
    await other.end();
  });
});
