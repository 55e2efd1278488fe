import type { Pool } from 'mysql2/promise';

/** Rows of some tables, as they stand there. */
export type Rows = { table: string; columns: string[]; values: unknown[][] }[];

/** The floor: the same rows by bare multi-row inserts, in one transaction. */
export async function insertPage(target: Pool, page: Rows): Promise<void> {
  const connection = await target.getConnection();
  try {
    await connection.query('START TRANSACTION');
    for (const { table, columns, values } of page) await connection.query(`INSERT INTO \`${table}\` (${columns.map((name) => `\`${name}\``).join(', ')}) VALUES ?`, [values]);
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
}
