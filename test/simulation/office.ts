import type { Command } from '../../subgraphs/domain';
import { ENTITIES, type EntityCode, type Ledger, type ProductKey, PRODUCTS, type SoldLine } from './ledger';
import type { Random } from './random';

/** One thing a client asks for, what must come of it, and what the auditor writes down when it has. */
export interface Act {
  command: Command<any, any>;
  input: Record<string, unknown>;
  /** The code it must be refused with, or null if it must be accepted. */
  refusal: string | null;
  accepted(answer: any): void | Promise<void>;
  /** The same document under a new key is answered as it is. */
  idempotentByDocument?: boolean;
  /** The version that `expectedVersion` would have to name. */
  version?: number;
}

/** What acts are made from. */
export interface Office {
  ledger: Ledger;
  random: Random;
  ids: { entity: Record<EntityCode, string>; product: Record<ProductKey, string> };
  customersMax: number;
  /** How many of a kind have been named so far. */
  counters: Map<string, number>;
  /** Applications of a payment as the product shows them. */
  applicationsOf(payment: string): Promise<{ id: string; invoice: string; amountMinor: bigint }[]>;
}

export function nameIn(office: Office, prefix: string): string {
  const number = (office.counters.get(prefix) ?? 0) + 1;
  office.counters.set(prefix, number);
  return `${prefix}-${number}`;
}

export const some = <Item>(office: Office, items: Iterable<Item>): Item | undefined => {
  const all = [...items];
  return all.length === 0 ? undefined : office.random.pick(all);
};

export const priceIn = (entity: EntityCode, minor: bigint) => ({ amountMinor: minor.toString(), currency: ENTITIES[entity] });

/** One to three lines of different products. */
export function someLines(office: Office): SoldLine[] {
  const { random } = office;
  const products = PRODUCTS.filter(() => random.chance(400));
  const chosen = products.length === 0 ? [random.pick(PRODUCTS)] : products;
  return chosen.map((product) => ({ product, quantity: BigInt(random.between(1, 12)), priceMinor: BigInt(random.between(1, 40_000)) }));
}

export const lineInputs = (office: Office, entity: EntityCode, lines: readonly SoldLine[]) =>
  lines.map(({ product, quantity, priceMinor }) => ({
    productId: office.ids.product[product],
    quantity: quantity.toString(),
    unitPrice: priceIn(entity, priceMinor),
  }));
