import { createPool, type Pool, type PoolConnection, type QueryError } from 'mysql2';
import type { DataSource } from 'typeorm';
import { type Run, Sql } from './rows';

const WRITERS_MAX = 40;
const READERS_MAX = 24;

/** How every connection to the server talks; mysql2 rounds big integers unless it is told not to. */
export const MYSQL = { charset: 'utf8mb4_bin', timezone: 'Z', supportBigNumbers: true, bigNumberStrings: true } as const;
export const READ_COMMITTED = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';

/**
 * The connections of one server, straight from mysql2: between a mutation and its commit are a dozen statements, and a layer that
 * doubles the cost of each halves what a server takes. Writers and readers have their own, so that neither starves the other.
 */
export class MysqlPools {
  readonly reads: Sql;
  private readonly readers: Pool;
  private readonly writers: Pool;

  constructor(url: string, private readonly source: DataSource) {
    this.readers = open(url, READERS_MAX, [READ_COMMITTED]);
    this.writers = open(url, WRITERS_MAX, [READ_COMMITTED, 'SET autocommit = 0']); // a transaction begins with its first statement
    this.reads = new Sql(source, 'mysql', runOn(this.readers));
  }

  async transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    const connection = await take(this.writers);
    const run = runOn(connection);
    try {
      const result = await work(new Sql(this.source, 'mysql', run));
      await run('COMMIT', [], false);
      connection.release();
      return result;
    } catch (error) {
      // A connection that could not roll back may hold locks and half a transaction: nobody else gets it.
      await run('ROLLBACK', [], false).then(() => connection.release(), () => connection.destroy());
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.readers, this.writers].map((pool) => new Promise<void>((resolve) => pool.end(() => resolve()))));
  }
}

function open(url: string, connectionLimit: number, first: string[]): Pool {
  const pool = createPool({ ...MYSQL, uri: url, connectionLimit });
  pool.on('connection', (connection) => {
    for (const text of first) connection.query(text);
  });
  return pool;
}

function take(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))));
}

function runOn(on: Pool | PoolConnection): Run {
  return (text, params, structured) =>
    new Promise((resolve, reject) => {
      on.query(text, params, (error, result) => {
        if (error) return reject(withoutData(error, text));
        resolve(structured ? { affected: (result as { affectedRows?: number }).affectedRows } : result);
      });
    });
}

/** The driver puts the statement with all its values into its error; customers' data has no place in a log. */
function withoutData(error: QueryError & { sql?: string }, text: string): Error {
  error.sql = text;
  return error;
}
