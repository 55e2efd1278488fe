import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type Database, openDatabase } from '../../entities/database';
import { needs, services } from './services';

export interface TestDatabase {
  where: string;
  drop(): Promise<void>;
}
export type DatabaseKind = 'sqlite' | 'mysql';

/** Where the same tests run: always SQLite, and MariaDB where it is there. */
export const DATABASES: DatabaseKind[] = needs('mysql') ? ['sqlite', 'mysql'] : ['sqlite'];

/** Opens a fresh database before each test of this suite, and drops it after. */
export function openedForEach(kind: DatabaseKind): { database: Database } {
  const opened = {} as { database: Database };
  let fresh: TestDatabase;
  beforeEach(async () => {
    fresh = await migratedDatabase(kind);
    opened.database = await openDatabase(fresh.where);
  });
  afterEach(async () => {
    await opened.database.close();
    await fresh.drop();
  });
  return opened;
}

/** A fresh, empty database of its own. */
export async function freshDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'));
    return { where: join(folder, 'test.sqlite'), drop: async () => rmSync(folder, { recursive: true, force: true }) };
  }
  const name = `evenkeel_${randomBytes(6).toString('hex')}`;
  await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const url = new URL(services.mysql!);
  url.pathname = `/${name}`;
  return { where: url.toString(), drop: () => run(`DROP DATABASE ${name}`) };
}

let schema: Promise<string> | undefined;

/** A fresh database that has the schema already: made once by the migrations, and copied from there, which takes a quarter of the time. */
export async function migratedDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const database = await freshDatabase(kind);
  if (kind === 'sqlite') return database;
  const { pathname } = new URL(database.where);
  if (schema === undefined) schema = openDatabase(database.where).then((opened) => opened.close()).then(() => schemaOf(pathname.slice(1)));
  else await run(`USE ${pathname.slice(1)}; ${await schema}`);
  await schema;
  return database;
}

/** Statements that make the tables of a database anew, and say which migrations have made them. */
async function schemaOf(name: string): Promise<string> {
  const connection = await createConnection(services.mysql!);
  const [tables] = await connection.query<RowDataPacket[]>(`SHOW TABLES FROM ${name}`);
  const statements: string[] = [];
  for (const row of tables) {
    const [[made]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE ${name}.\`${String(Object.values(row)[0])}\``);
    statements.push(String((made as Record<string, unknown>)['Create Table']));
  }
  const [migrations] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${name}.schema_migration ORDER BY id`);
  for (const { id, timestamp, name: migration } of migrations) statements.push(connection.format('INSERT INTO schema_migration (id, timestamp, name) VALUES (?, ?, ?)', [id, timestamp, migration]));
  await connection.end();
  return statements.join('; ');
}

async function run(text: string): Promise<void> {
  const connection = await createConnection({ uri: services.mysql!, multipleStatements: true });
  await connection.query(text);
  await connection.end();
}
