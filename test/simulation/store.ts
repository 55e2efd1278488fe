import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../entities/database';

const MEMORY = '/dev/shm';

/** One database that many runs use after each other, each beginning with empty tables. */
export class Store {
  private constructor(
    readonly database: Database,
    private readonly folder: string,
    private readonly tables: string[],
  ) {}

  static async open(): Promise<Store> {
    const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'evenkeel-simulation-'));
    const database = await openDatabase(join(folder, 'simulation.db'));
    const tables = await database.reads.query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('schema_migration', 'sqlite_sequence')");
    return new Store(database, folder, tables.map(({ name }) => name));
  }

  async empty(): Promise<void> {
    await this.database.transaction(async (sql) => {
      for (const table of this.tables) await sql.query(`DELETE FROM \`${table}\``);
    });
  }

  async close(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
