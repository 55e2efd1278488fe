import type { Posting } from '../../../entities/operations/Posting';
import { makeDue } from '../../../sync/lanes';
import type { Work } from '../../work';

/** Lanes with documents that waited for these are due; those that are `looking`, because they are being given back, see for themselves. */
export async function wakeDependents(work: Work, settled: readonly Posting[], looking: ReadonlySet<string> = new Set()): Promise<void> {
  if (settled.length === 0) return;
  const { sql, tenantId, nowMs } = work;
  const rows = await sql.query<{ lane: string }>(
    `SELECT DISTINCT p.lane FROM posting_dependency d ${sql.dialect === 'mysql' ? 'FORCE INDEX (posting_dependency_on)' : ''} JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.posting_id
     WHERE d.tenant_id = ? AND d.depends_on IN (${settled.map(() => '?').join(', ')}) AND p.state IN ('PENDING', 'UNCERTAIN')`,
    [tenantId, ...settled.map(({ id }) => id)],
  );
  await makeDue(sql, { tenantId, lanes: rows.map(({ lane }) => lane).filter((lane) => !looking.has(lane)) }, nowMs);
}
