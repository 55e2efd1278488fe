import { ResourceVersion } from '../entities/operations/ResourceVersion';
import { hydrate, selectRows, shapeOf } from '../entities/rows';
import { restore } from './act';
import type { RequestContext } from './context';

type Class<T> = new () => T;
export const VERSIONS_MAX = 200;

/** A resource in a numbered version, or null if there is no such version. */
export async function versionOf<T extends object>(context: RequestContext, entity: Class<T>, at: { id: string; version: number }): Promise<T | null> {
  const where = { tenantId: context.principal.tenantId, resourceId: at.id, version: at.version };
  const [row] = await selectRows(context.reads, ResourceVersion, { where });
  return row ? restore(context.reads, entity, row.body) : null;
}

/**
 * A resource as it was recorded at an instant, or null if it was not there yet. Versions are numbered without gaps in order of time, so the one
 * wanted is found by halving their range: a thousand versions are ten looks into the primary key.
 */
export async function versionAsOf<T extends object>(context: RequestContext, entity: Class<T>, at: { id: string; atMs: number }): Promise<T | null> {
  const { table } = shapeOf(context.reads.source, entity);
  const { list } = shapeOf(context.reads.source, ResourceVersion);
  const { tenantId } = context.principal;
  const middle = context.reads.dialect === 'mysql' ? '(low + high + 1) DIV 2' : '(low + high + 1) / 2';
  const rows = await context.reads.query(
    `WITH RECURSIVE halved(low, high) AS (
       SELECT 0, version FROM \`${table}\` WHERE tenant_id = ? AND id = ?
       UNION ALL
       SELECT CASE WHEN v.recorded_at_ms <= ? THEN v.version ELSE low END, CASE WHEN v.recorded_at_ms <= ? THEN high ELSE v.version - 1 END
         FROM halved JOIN resource_version v ON v.tenant_id = ? AND v.resource_id = ? AND v.version = ${middle} WHERE low < high)
     SELECT ${list} FROM resource_version WHERE tenant_id = ? AND resource_id = ? AND version = (SELECT MAX(low) FROM halved)`,
    [tenantId, at.id, at.atMs, at.atMs, tenantId, at.id, tenantId, at.id],
  );
  const [row] = hydrate(context.reads, ResourceVersion, rows);
  return row ? restore(context.reads, entity, row.body) : null;
}

/** The versions of a resource, the first one first; the latest 200. */
export async function versionsOf<T extends object>(context: RequestContext, entity: Class<T>, id: string): Promise<T[]> {
  const where = { tenantId: context.principal.tenantId, resourceId: id };
  const rows = await selectRows(context.reads, ResourceVersion, { where, orderBy: 'version DESC', limit: VERSIONS_MAX });
  return rows.reverse().map((row) => restore(context.reads, entity, row.body));
}
