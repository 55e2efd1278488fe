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

/** A resource as it was recorded at an instant, or null if it was not there yet. */
export async function versionAsOf<T extends object>(context: RequestContext, entity: Class<T>, at: { id: string; atMs: number }): Promise<T | null> {
  const { list } = shapeOf(context.reads.source, ResourceVersion);
  const rows = await context.reads.query(
    `SELECT ${list} FROM resource_version WHERE tenant_id = ? AND resource_id = ? AND recorded_at_ms <= ? ORDER BY version DESC LIMIT 1`,
    [context.principal.tenantId, at.id, at.atMs],
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
