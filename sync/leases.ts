import { Lease } from '../entities/operations/Lease';
import { insertRows, isDuplicate, selectRows, type Sql } from '../entities/rows';

/** What serves all tenants belongs to none. */
const NOBODY = '-';

/** The row of a job that serves all tenants, made if it is not there, and locked until the transaction ends. */
export async function lockLease(sql: Sql, name: string): Promise<Lease> {
  const where = { tenantId: NOBODY, name };
  const [lease] = await selectRows(sql, Lease, { where, lock: true });
  if (lease) return lease;
  try {
    await insertRows(sql, Lease, [Object.assign(new Lease(), { ...where, owner: NOBODY, fence: 0, expiresAtMs: 0, counter: 0 })]);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
  return (await selectRows(sql, Lease, { where, lock: true }))[0]!;
}

/** Locks the row of a job, unless somebody else is at it: undefined. */
export async function tryLease(sql: Sql, name: string): Promise<Lease | undefined> {
  if (sql.dialect === 'sqlite') return lockLease(sql, name); // one writer at a time anyway
  const where = { tenantId: NOBODY, name };
  const [row] = await selectRows(sql, Lease, { where, lock: 'SKIP' });
  if (row) return row;
  const isThere = (await selectRows(sql, Lease, { where })).length > 0;
  return isThere ? undefined : lockLease(sql, name);
}

/** The row of a job as it was committed last, if it was ever made. */
export async function readLease(reads: Sql, name: string): Promise<Lease | undefined> {
  return (await selectRows(reads, Lease, { where: { tenantId: NOBODY, name } }))[0];
}
