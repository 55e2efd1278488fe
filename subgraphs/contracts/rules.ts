import { type Contract, ContractLine, ContractState } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';
import type { Product } from '../../entities/customers/Product';
import { Refusal } from '../../entities/refusal';
import type { ContractCheckDocument, ContractDocument, EntitlementDocument } from '../../sync/documents';
import { move } from '../move';
import { ENTITLEMENT_MOVES } from './states';

/** A change of one product's line: quantity 0 takes it away. */
export interface LineChange {
  productId: string;
  productKey: string;
  quantity: bigint;
  /** Undefined keeps the price the line has. */
  unitPriceMinor: bigint | undefined;
}

const LINES_MAX = 1_000;

/** The lines after changes: untouched lines stay, in their order. Refuses LINE_UNKNOWN, LINE_REPEATED, PRICE_MISSING, LINES_MISSING, LINES_TOO_MANY. */
export function changeLines(lines: readonly ContractLine[], changes: readonly LineChange[], currency: string): ContractLine[] {
  const result = new Map(lines.map((line) => [line.productId, line]));
  for (const [index, change] of changes.entries()) {
    const path = `input.lines.${index}`;
    const old = result.get(change.productId);
    const repeated = changes.slice(0, index).some((earlier) => earlier.productId === change.productId);
    if (repeated) throw new Refusal('LINE_REPEATED', `${change.productKey} is named twice; a contract has one line a product.`, path);
    if (change.quantity === 0n && !old) throw new Refusal('LINE_UNKNOWN', `There is no line of ${change.productKey} to take away.`, path);
    if (change.quantity === 0n) {
      result.delete(change.productId);
      continue;
    }
    const price = change.unitPriceMinor?.toString() ?? old?.unitPriceMinor;
    if (price === undefined) throw new Refusal('PRICE_MISSING', `A new line of ${change.productKey} needs a price.`, path);
    const { productId, productKey } = change;
    const line = { productId, productKey, quantity: change.quantity.toString(), unitPriceMinor: price, currency };
    result.set(productId, Object.assign(new ContractLine(), line));
  }
  if (result.size === 0) throw new Refusal('LINES_MISSING', 'A contract without lines is none; cancel it instead.', 'input.lines');
  if (result.size > LINES_MAX) throw new Refusal('LINES_TOO_MANY', `A contract has at most ${LINES_MAX} lines.`, 'input.lines');
  return [...result.values()];
}

/** A term of at least one day. Refuses TERM_INVALID. */
export function checkTerm(startDate: string, endDate: string): void {
  if (endDate < startDate) throw new Refusal('TERM_INVALID', `The term ends on ${endDate}, before it starts on ${startDate}.`, 'input.endDate');
}

/** Whether the latest version takes terms of an earlier one's place. Refuses NOTHING_TO_WITHDRAW, ALREADY_WITHDRAWN. */
export function checkWithdrawable({ number, version, withdraws }: Pick<Contract, 'number' | 'version' | 'withdraws'>): void {
  const path = 'input.contractId';
  if (version === 1) throw new Refusal('NOTHING_TO_WITHDRAW', `Contract ${number} is as it was made; cancel it instead.`, path);
  if (withdraws !== null) throw new Refusal('ALREADY_WITHDRAWN', `Version ${withdraws} of ${number} is taken back; amend the contract anew.`, path);
}

export interface Entitled {
  state: EntitlementState;
  grantedUnits: bigint;
  soldUnits: bigint;
}

/** What is granted once the contract says `sold`: more is held for the backends, less takes effect at once. */
export function entitle(now: Entitled, sold: bigint): Entitled {
  if (sold === 0n) return { state: move(ENTITLEMENT_MOVES, now.state, 'end'), grantedUnits: 0n, soldUnits: 0n };
  const verb = sold > now.grantedUnits ? 'expand' : 'reduce';
  return { state: move(ENTITLEMENT_MOVES, now.state, verb), grantedUnits: sold < now.grantedUnits ? sold : now.grantedUnits, soldUnits: sold };
}

/** What is granted once the backends confirmed `quantity`: never above what is sold now. */
export function grant(now: Entitled, quantity: bigint): Entitled {
  const granted = quantity < now.soldUnits ? quantity : now.soldUnits;
  const state = granted === now.soldUnits ? move<EntitlementState>(ENTITLEMENT_MOVES, now.state, 'grant') : now.state;
  return { ...now, grantedUnits: granted, state };
}

export function contractDocument(contract: Contract): ContractDocument {
  const { number, customerId, state, startDate, endDate, currency } = contract;
  const lines = contract.lineItems.map(({ productKey, quantity, unitPriceMinor }) => ({ productKey, quantity, unitPriceMinor }));
  return { number, customerId, state, startDate, endDate, currency, lines };
}

/** The lines of a contract with what its products say of books and taxes; a cancelled contract brings no invoice. */
export function contractCheckDocument(contract: Contract, products: ReadonlyMap<string, Product>, today: string): ContractCheckDocument {
  const whole = contractDocument(contract);
  if (contract.state === ContractState.CANCELLED) return { ...whole, invoicesFrom: null, lines: [] };
  const lines = contract.lineItems.map(({ productId, productKey, quantity, unitPriceMinor }) => {
    const { taxCode, taxRatePercent, revenueAccount } = products.get(productId)!;
    return { productKey, quantity, unitPriceMinor, taxCode, taxRatePercent, revenueAccount };
  });
  return { ...whole, invoicesFrom: contract.startDate < today ? today : contract.startDate, lines };
}

export function entitlementDocument(contract: Contract, ended: boolean): EntitlementDocument {
  const grants = ended ? [] : contract.lineItems.map(({ productKey, quantity }) => ({ productKey, quantity }));
  return { contractId: contract.id, contractNumber: contract.number, customerId: contract.customerId, grants };
}
