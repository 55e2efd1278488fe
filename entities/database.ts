import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ALL_ENTITIES } from './index';
import { MIGRATIONS } from './migrations';
import { type Dialect, Sql } from './rows';

const POOL_CONNECTIONS_MAX = 40;
const SQLITE_BUSY_MS = 10_000;

/** The one store. Reads see committed data only; writes go through `transaction`. */
export interface Database {
  readonly dialect: Dialect;
  /** For queries: a pool on MySQL, a second read-only connection on SQLite (its writer's connection shows uncommitted rows). */
  readonly reads: Sql;
  /** Runs `work` in one transaction: READ COMMITTED on MySQL, one writer at a time on SQLite. Rolls back if it throws. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Opens `mysql://…` or an SQLite file (created with its folder) and brings its schema up to date. */
export async function openDatabase(where: string): Promise<Database> {
  return /^mysql:\/\//.test(where) ? openMysql(where) : openSqlite(where);
}

const common = { entities: ALL_ENTITIES, migrations: MIGRATIONS, migrationsTableName: 'schema_migration', logging: false } as const;

interface Pool {
  on(event: 'connection', use: (connection: { query(text: string): void }) => void): void;
}
const READ_COMMITTED = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';

async function openMysql(url: string): Promise<Database> {
  const source = new DataSource({
    ...common,
    type: 'mysql',
    connectorPackage: 'mysql2',
    url,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    poolSize: POOL_CONNECTIONS_MAX,
  } as DataSourceOptions);
  await source.initialize();
  const pool = (source.driver as unknown as { pool: Pool }).pool;
  pool.on('connection', (connection) => connection.query(READ_COMMITTED));
  await source.query(READ_COMMITTED); // the one connection that initialize() had opened already
  await migrate(source, 'mysql');
  return {
    dialect: 'mysql',
    reads: readsOf(source, 'mysql'),
    transaction: (work) => inTransaction(source, 'mysql', work),
    close: () => source.destroy(),
  };
}

async function migrate(source: DataSource, dialect: Dialect): Promise<void> {
  if (dialect === 'sqlite') {
    await source.runMigrations({ transaction: 'each' });
    return;
  }
  const runner = source.createQueryRunner();
  try {
    await runner.query("SELECT GET_LOCK('evenkeel.migrations', 120)");
    await source.runMigrations({ transaction: 'none' });
    await runner.query("SELECT RELEASE_LOCK('evenkeel.migrations')");
  } finally {
    await runner.release();
  }
}

function sqliteOptions(file: string, readonly: boolean): DataSourceOptions {
  return {
    ...common,
    type: 'better-sqlite3',
    database: file,
    readonly,
    timeout: SQLITE_BUSY_MS,
    enableWAL: !readonly,
    prepareDatabase: (database: { pragma(text: string): void; defaultSafeIntegers(on: boolean): void }) => {
      if (!readonly) database.pragma('synchronous = FULL');
      database.defaultSafeIntegers(true);
    },
  } as DataSourceOptions;
}

async function openSqlite(file: string): Promise<Database> {
  mkdirSync(dirname(file), { recursive: true });
  const writes = await new DataSource(sqliteOptions(file, false)).initialize();
  await migrate(writes, 'sqlite');
  const reads = await new DataSource(sqliteOptions(file, true)).initialize();
  let last: Promise<unknown> = Promise.resolve();
  return {
    dialect: 'sqlite',
    reads: readsOf(reads, 'sqlite'),
    transaction(work) {
      const next = last.then(() => inTransaction(writes, 'sqlite', work));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await last;
      await reads.destroy();
      await writes.destroy();
    },
  };
}

/** Reads outside any transaction; on SQLite a second connection, since the writer's own shows what is not committed yet. */
function readsOf(source: DataSource, dialect: Dialect): Sql {
  return new Sql(source, dialect, (text, params) => source.query(text, params as never[]));
}

async function inTransaction<Result>(source: DataSource, dialect: Dialect, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const runner = source.createQueryRunner();
  const sql = new Sql(source, dialect, (text, params, structured) => (structured ? runner.query(text, params, true) : runner.query(text, params)));
  try {
    await runner.query(dialect === 'sqlite' ? 'BEGIN IMMEDIATE' : 'START TRANSACTION');
    try {
      const result = await work(sql);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    if (dialect === 'mysql') await runner.release();
  }
}
