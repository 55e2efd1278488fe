import { LRUCache } from 'lru-cache';
import { AccessToken } from '../entities/operations/AccessToken';
import { hydrate, shapeOf } from '../entities/rows';
import { type Principal, type Role, ROLES } from '../subgraphs/context';
import type { Engine } from '../subgraphs/engine';
import { sha256 } from '../sync/canonical';

export const DEMO_TENANT = 'demo';
/** Fixed tokens of the sandbox: no other mode knows them. */
export const DEMO_TOKENS: ReadonlyMap<string, Principal> = new Map(
  ROLES.map((role) => [`demo-${role}`, { tenantId: DEMO_TENANT, client: `demo-${role}`, role }]),
);

/** How long a token is believed without asking the database: also how long a revoked one may go on. */
const TOKEN_FRESH_MS = 3_000;
const TOKENS_CACHED_MAX = 10_000;

/** Whose token it is. Tokens are kept as SHA-256 only; a revoked one is unknown within 3 s. */
export function authenticator(engine: Engine, sandbox: boolean): (token: string | undefined) => Promise<Principal | undefined> {
  const known = new LRUCache<string, { principal: Principal | undefined }>({ max: TOKENS_CACHED_MAX, ttl: TOKEN_FRESH_MS });
  return async (token) => {
    if (token === undefined) return undefined;
    if (sandbox && DEMO_TOKENS.has(token)) return DEMO_TOKENS.get(token);
    const tokenHash = sha256(token);
    const cached = known.get(tokenHash);
    if (cached) return cached.principal;
    const principal = await lookUp(engine, tokenHash);
    known.set(tokenHash, { principal });
    return principal;
  };
}

async function lookUp(engine: Engine, tokenHash: string): Promise<Principal | undefined> {
  const { reads } = engine.database;
  const { list } = shapeOf(reads.source, AccessToken);
  const rows = await reads.query(`SELECT ${list} FROM access_token WHERE token_hash = ? AND revoked_at_ms IS NULL`, [tokenHash]);
  const [found] = hydrate(reads, AccessToken, rows);
  return found && { tenantId: found.tenantId, client: found.client, role: found.role as Role };
}
