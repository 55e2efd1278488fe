import type { Sql } from '../entities/rows';
import type { Engine } from './engine';

/** What a token may do. `approver` is finance with the second signature; `auditor` reads everything and writes nothing. */
export const ROLES = ['crm', 'finance', 'approver', 'partner', 'ops', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: made from the token by the gateway, never from the request's body. */
export interface Principal {
  tenantId: string;
  /** The token's public name, written into audit entries; never the token itself. */
  client: string;
  role: Role;
}

/** What every resolver of one request shares. Loaders live and die with it, so nothing crosses tenants or requests. */
export interface RequestContext {
  engine: Engine;
  principal: Principal;
  correlationId: string;
  idempotencyKey: string | undefined;
  /** Reads of this request: committed data only. */
  reads: Sql;
  /** One DataLoader per name for the life of the request. */
  loader<Loader>(name: string, make: (context: RequestContext) => Loader): Loader;
  /** Marks the answer as a replay: the gateway sends `extensions.idempotentReplay`. */
  replayed: boolean;
}

/** Which roles may run which mutations. Everybody with a token may read its tenant's data. */
export const MAY = {
  keepMasterData: ['crm', 'finance', 'ops'],
  keepContracts: ['crm', 'finance'],
  reportUsage: ['crm', 'finance', 'ops'],
  moveMoney: ['finance', 'approver'],
  collect: ['finance', 'approver', 'ops'],
  operate: ['ops', 'finance', 'approver'],
  /** The second signature under what another person proposes. */
  sign: ['approver'],
} satisfies Record<string, Role[]>;
