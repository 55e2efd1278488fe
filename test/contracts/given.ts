import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import type { Product } from '../../entities/customers/Product';
import { Posting } from '../../entities/operations/Posting';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { rowsOf } from '../harness/refusals';
import type { World } from '../harness/world';

/** A second product beside the seats. */
export function storage(world: World): Promise<Product> {
  return world.do(upsertProduct, { key: 'STORAGE', name: 'Storage', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
}

/** What a contract entitles to: `SEAT HELD 0/10` is nothing granted yet of ten sold. */
export async function entitlements(world: World, contractId: string): Promise<string[]> {
  const rows = await rowsOf(world, CustomerSubscription, { contractId });
  return rows.map(({ productKey, state, grantedQuantity, soldQuantity }) => `${productKey} ${state} ${grantedQuantity}/${soldQuantity}`).sort();
}

/** What of a contract version goes where: `contract/billing POSTED`. */
export async function postings(world: World, contractId: string, version: number): Promise<string[]> {
  const rows = await rowsOf(world, Posting, { resourceId: contractId });
  return rows.filter(({ document }) => document.version === version).map(({ kind, backend, state }) => `${kind}/${backend} ${state}`).sort();
}

/** All four postings of a contract version in one state. */
export const allOf = (state: string): string[] =>
  ['contract/billing', 'contract/crm', 'contractCheck/erp', 'entitlement/saas'].map((posting) => `${posting} ${state}`);
