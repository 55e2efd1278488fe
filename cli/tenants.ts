import { tenantNamespace } from '../entities/ids';
import { AccessToken } from '../entities/operations/AccessToken';
import { Tenant } from '../entities/operations/Tenant';
import { insertRows, selectRows } from '../entities/rows';
import type { Role } from '../subgraphs/context';
import type { Engine } from '../subgraphs/engine';
import { sha256 } from '../sync/canonical';

/** Creates a tenant if it is not there. `secret` makes its ids computable only by those who know the namespace. */
export async function ensureTenant(engine: Engine, tenant: { tenantId: string; name: string; secret: string }): Promise<void> {
  const { tenantId, name, secret } = tenant;
  await engine.database.transaction(async (sql) => {
    if ((await selectRows(sql, Tenant, { where: { tenantId } })).length > 0) return;
    const row = { tenantId, name, idNamespace: tenantNamespace(tenantId, secret), createdAtMs: engine.clock.nowMs() };
    await insertRows(sql, Tenant, [Object.assign(new Tenant(), row)]);
  });
}

/** Registers a token by its hash. */
export async function addToken(engine: Engine, grant: { tenantId: string; client: string; role: Role; token: string }): Promise<void> {
  const { tenantId, client, role, token } = grant;
  const row = { tenantId, client, role, tokenHash: sha256(token), createdAtMs: engine.clock.nowMs(), revokedAtMs: null };
  await engine.database.transaction((sql) => insertRows(sql, AccessToken, [Object.assign(new AccessToken(), row)]));
}

/** Revokes a client's tokens; returns how many. Gateways forget them within seconds. */
export async function revokeTokens(engine: Engine, whose: { tenantId: string; client: string }): Promise<number> {
  const text = 'UPDATE access_token SET revoked_at_ms = ? WHERE tenant_id = ? AND client = ? AND revoked_at_ms IS NULL';
  return engine.database.transaction((sql) => sql.change(text, [engine.clock.nowMs(), whose.tenantId, whose.client]));
}
