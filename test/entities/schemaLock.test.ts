import { createConnection } from 'mysql2/promise';
import { openDatabase } from '../../entities/database';
import { freshDatabase } from '../harness/databases';
import { needs } from '../harness/services';

const describeMysql = needs('mysql') ? describe : describe.skip;

describeMysql('a schema change that fails on MariaDB', () => {
  test('keeps neither the same database nor another one on that server waiting', async () => {
    const [broken, sound] = [await freshDatabase('mysql'), await freshDatabase('mysql')];
    const connection = await createConnection(broken.where);
    await connection.query('CREATE TABLE tenant (stray INT)');
    await expect(openDatabase(broken.where)).rejects.toThrow(/already exists/);
    await (await openDatabase(sound.where)).close();
    await connection.query('DROP DATABASE IF EXISTS ??', [connection.config.database]);
    await connection.query('CREATE DATABASE ??', [connection.config.database]);
    await (await openDatabase(broken.where)).close();
    await connection.end();
    await broken.drop();
    await sound.drop();
  });
});
