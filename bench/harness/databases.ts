import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, createPool, type Pool } from 'mysql2/promise';
import { MYSQL } from '../../entities/mysql';
import { root } from '../../cli/house';

export type DatabaseKind = 'sqlite' | 'mysql';

export interface BenchDatabase {
  where: string;
  drop(): Promise<void>;
}

/** What `npm run services` started. */
function services(): { mysql?: string; nats?: string } {
  const file = join(root(), '.services', 'services.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { mysql?: string; nats?: string }) : {};
}

/** The broker to measure: NATS_URL, or the one of `npm run services`; undefined if there is none. */
export const natsUrl = (): string | undefined => process.env.NATS_URL ?? services().nats;

/** The MariaDB or MySQL server to measure: DATABASE_URL, or the one of `npm run services`. */
export function mysqlUrl(): string {
  const url = process.env.DATABASE_URL ?? services().mysql;
  if (url === undefined) throw new Error('no database server: run `npm run services` or set DATABASE_URL');
  return url;
}

/** An empty database of its own, dropped afterwards. */
export async function freshDatabase(kind: DatabaseKind): Promise<BenchDatabase> {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
    return { where: join(folder, 'bench.sqlite'), drop: async () => rmSync(folder, { recursive: true, force: true }) };
  }
  const name = `evenkeel_bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(mysqlUrl());
  const run = async (text: string) => {
    const connection = await createConnection(url.toString());
    await connection.query(text);
    await connection.end();
  };
  await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { where: own.toString(), drop: () => run(`DROP DATABASE ${name}`) };
}

/** Bare connections to a database, that talk to the server as the product's do. */
export const poolOf = (where: string, connectionLimit: number): Pool => createPool({ ...MYSQL, uri: where, connectionLimit });
