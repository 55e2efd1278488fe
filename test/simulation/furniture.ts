import { resourceId, tenantNamespace, uuidSequence } from '../../entities/ids';
import { insertRows } from '../../entities/rows';
import { Tenant } from '../../entities/operations/Tenant';
import { perform } from '../../subgraphs/act';
import type { Principal } from '../../subgraphs/context';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine } from '../../subgraphs/engine';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { CATALOGUE, ENTITIES, type EntityCode, must, type ProductKey, PRODUCTS } from './ledger';
import type { Office } from './office';
import { Store } from './store';
import { START_MS } from './time';

export const TENANT = 'demo';
export const PRINCIPAL: Principal = { tenantId: TENANT, client: 'client', role: 'finance' };

/** A store and what every run finds in it: the tenant, its legal entities and its catalogue. */
export interface Furnished {
  store: Store;
  ids: Office['ids'];
}

export const entityInput = (code: EntityCode) => ({ code, name: code, currency: ENTITIES[code], timeZone: 'UTC', booksFrom: '2025-01-01', bankAccounts: [] });

export async function openFurnished(): Promise<Furnished> {
  const store = await Store.open();
  const nowMs = START_MS - 1;
  const idNamespace = tenantNamespace(TENANT, 'simulation');
  const row = { tenantId: TENANT, name: TENANT, idNamespace, createdAtMs: nowMs };
  await store.database.transaction((sql) => insertRows(sql, Tenant, [Object.assign(new Tenant(), row)]));
  const clock = { nowMs: () => nowMs, wait: () => Promise.resolve() };
  const engine = { ...createEngine(store.database, clock, DOMAINS), newId: uuidSequence((bytes) => Buffer.alloc(bytes)) };
  const actor = { engine, principal: PRINCIPAL, correlationId: 'client' };
  const ids = { entity: {}, product: {} } as Office['ids'];
  for (const code of Object.keys(ENTITIES) as EntityCode[]) {
    ids.entity[code] = (await perform(actor, upsertLegalEntity, entityInput(code))).id;
  }
  for (const key of PRODUCTS as ProductKey[]) {
    const { taxCode, percent } = CATALOGUE[key];
    ids.product[key] = (await perform(actor, upsertProduct, { key, name: key, revenueAccount: '4000', taxCode, taxRatePercent: percent })).id;
  }
  must(ids.entity.DE01 === resourceId(idNamespace, 'ent', { tenant: TENANT, system: 'evenkeel', type: 'legalEntity', key: 'DE01' }), 'an id is not that of its natural key');
  store.keep();
  return { store, ids };
}
