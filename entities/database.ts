import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ALL_ENTITIES } from './index';
import { MIGRATIONS } from './migrations';
import { MYSQL, MysqlPools } from './mysql';
import { type Dialect, Sql } from './rows';

/** TypeORM's own connections, which bring the schema up to date. */
const MIGRATION_CONNECTIONS_MAX = 2;
const SQLITE_BUSY_MS = 10_000;

/** The one store. Reads see committed data only; writes go through `transaction`. */
export interface Database {
  readonly dialect: Dialect;
  /** For queries: a pool of their own on MySQL, a second read-only connection on SQLite (its writer's connection shows uncommitted rows). */
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

async function openMysql(url: string): Promise<Database> {
  const source = new DataSource({
    ...common,
    ...MYSQL,
    type: 'mysql',
    connectorPackage: 'mysql2',
    url,
    poolSize: MIGRATION_CONNECTIONS_MAX,
  } as DataSourceOptions);
  await source.initialize();
  await migrate(source, 'mysql').catch(async (error) => {
    await source.destroy();
    throw error;
  });
  const pools = new MysqlPools(url, source);
  return {
    dialect: 'mysql',
    reads: pools.reads,
    transaction: (work) => pools.transaction(work),
    async close() {
      await pools.close();
      await source.destroy();
    },
  };
}

async function migrate(source: DataSource, dialect: Dialect): Promise<void> {
  if (dialect === 'sqlite') {
    await source.runMigrations({ transaction: 'each' });
    return;
  }
  const runner = source.createQueryRunner();
  try {
    // Such a lock is the whole server's, so it bears the name of the database: others on that server are not kept waiting.
    const [lock] = await runner.query("SELECT GET_LOCK(MD5(CONCAT('evenkeel.migrations ', DATABASE())), 120) AS held");
    if (Number(lock.held) !== 1) throw new Error('another process has been changing the schema for two minutes');
    await source.runMigrations({ transaction: 'none' });
    await runner.query("SELECT RELEASE_LOCK(MD5(CONCAT('evenkeel.migrations ', DATABASE())))");
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
    reads: new Sql(reads, 'sqlite', (text, params) => reads.query(text, params as never[])),
    transaction(work) {
      const next = last.then(() => inTransaction(writes, work));
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

async function inTransaction<Result>(source: DataSource, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const runner = source.createQueryRunner();
  const sql = new Sql(source, 'sqlite', (text, params, structured) => (structured ? runner.query(text, params, true) : runner.query(text, params)));
  await runner.query('BEGIN IMMEDIATE');
  try {
    const result = await work(sql);
    await runner.query('COMMIT');
    return result;
  } catch (error) {
    await runner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
