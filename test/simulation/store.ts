import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Database, openDatabase } from '../../entities/database';
import { Sql } from '../../entities/rows';

/**
 * A database in memory that many runs use after each other, each beginning with the same rows. Its schema is what the product's
 * migrations make. It goes without files, locks of files and a second connection: a read waits for the transaction that is open.
 */
export class Store {
  private constructor(
    readonly database: Database,
    private readonly memory: Sqlite.Database,
    private readonly tables: readonly string[],
  ) {}

  static async open(): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-simulation-'));
    const product = await openDatabase(join(folder, 'schema.db'));
    const schema = await product.reads.query<{ type: string; name: string; sql: string }>(
      "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT IN ('schema_migration', 'sqlite_sequence') ORDER BY type = 'index'",
    );
    const memory = new Sqlite(':memory:').defaultSafeIntegers(true);
    for (const { sql } of schema) memory.exec(sql);
    const database = inMemory(memory, product.reads.source);
    await product.close();
    rmSync(folder, { recursive: true, force: true });
    return new Store(database, memory, schema.filter(({ type }) => type === 'table').map(({ name }) => name));
  }

  /** What is in the tables now is what each run begins with. */
  keep(): void {
    const { memory, tables } = this;
    memory.exec("ATTACH ':memory:' AS kept");
    const isEmpty = (name: string) => memory.prepare(`SELECT 1 FROM \`${name}\` LIMIT 1`).get() === undefined;
    const filled = tables.filter((name) => !isEmpty(name));
    for (const name of filled) memory.exec(`CREATE TABLE kept.\`${name}\` AS SELECT * FROM main.\`${name}\``);
    const statements = [
      ...tables.map((name) => memory.prepare(`DELETE FROM \`${name}\``)),
      ...filled.map((name) => memory.prepare(`INSERT INTO main.\`${name}\` SELECT * FROM kept.\`${name}\``)),
    ];
    this.reset = memory.transaction(() => statements.forEach((statement) => statement.run()));
  }

  /** Back to what was kept. */
  reset: () => void;

  close(): Promise<void> {
    return this.database.close();
  }
}

/** One transaction after the other. `source` says what the entities look like; nothing is asked of it. */
function inMemory(memory: Sqlite.Database, source: Sql['source']): Database {
  const prepared = new Map<string, Sqlite.Statement>();
  const run = async (text: string, params: unknown[], structured: boolean) => {
    let statement = prepared.get(text);
    if (!statement) prepared.set(text, (statement = memory.prepare(text)));
    if (statement.reader) return statement.all(params);
    const { changes } = statement.run(params);
    return structured ? { affected: changes } : [];
  };
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((text) => memory.prepare(text)) as [Sqlite.Statement, Sqlite.Statement, Sqlite.Statement];
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  const transaction = async <Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> => {
    begin.run();
    try {
      const result = await work(new Sql(source, 'sqlite', run));
      commit.run();
      return result;
    } catch (error) {
      rollback.run();
      throw error;
    }
  };
  return {
    dialect: 'sqlite',
    reads: new Sql(source, 'sqlite', (text, params, structured) => inTurn(() => run(text, params, structured))),
    transaction: (work) => inTurn(() => transaction(work)),
    close: () => inTurn(async () => void memory.close()),
  };
}
