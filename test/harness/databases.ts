import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
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
    fresh = await freshDatabase(kind);
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
  const run = async (text: string) => {
    const connection = await createConnection(services.mysql!);
    await connection.query(text);
    await connection.end();
  };
  await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const url = new URL(services.mysql!);
  url.pathname = `/${name}`;
  return { where: url.toString(), drop: () => run(`DROP DATABASE ${name}`) };
}
