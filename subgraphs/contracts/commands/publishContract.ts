import { type Contract, ContractState } from '../../../entities/contracts/Contract';
import { CustomerSubscription, EntitlementState } from '../../../entities/contracts/CustomerSubscription';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { Backend, DocumentKind } from '../../../sync/documents';
import { readPositive, readQuantity } from '../../input';
import type { Work } from '../../work';
import type { ContractLineInput } from '../api';
import { type contractCreated, entitlementEnded, entitlementGranted, entitlementHeld } from '../events';
import { contractCheckDocument, contractDocument, entitle, entitlementDocument, type LineChange } from '../rules';

/** Reads line inputs with their products. Refuses NOT_FOUND, QUANTITY_INVALID, CURRENCY_MISMATCH and what `readPositive` refuses. */
export async function readLineChanges(work: Work, lines: ContractLineInput[], currency: string): Promise<LineChange[]> {
  const changes: LineChange[] = [];
  for (const [index, line] of lines.entries()) {
    const path = `input.lines.${index}`;
    const product = await work.read(Product, parseId(line.productId, 'prd', `${path}.productId`), `${path}.productId`);
    if (line.unitPrice && line.unitPrice.currency !== currency) {
      throw new Refusal('CURRENCY_MISMATCH', `The contract is in ${currency}.`, `${path}.unitPrice.currency`);
    }
    changes.push({
      productId: product.id,
      productKey: product.key,
      quantity: line.quantity === '0' ? 0n : readQuantity(line.quantity, `${path}.quantity`),
      unitPriceMinor: line.unitPrice ? readPositive(line.unitPrice, `${path}.unitPrice`).minor : undefined,
    });
  }
  return changes;
}

/**
 * Tells a new contract version, brings its entitlements in line and posts it step by step: the ERP checks that it would take the
 * invoices, billing gets the contract, then the CRM, then the SaaS platform the entitlements.
 */
export async function publishContract(work: Work, contract: Contract, event: typeof contractCreated): Promise<void> {
  const { number, customerId, state, startDate, endDate, currency, reason } = contract;
  work.tell(event(contract, { number, customerId, state, startDate, endDate, currency, reason: reason ?? '' }));
  await alignEntitlements(work, contract, state === ContractState.CANCELLED);
  await postContract(work, contract);
}

async function postContract(work: Work, contract: Contract): Promise<void> {
  const { id, version, customerId } = contract;
  const customer = await work.read(Customer, customerId);
  const entity = await work.read(LegalEntity, contract.legalEntityId);
  const products = await work.find(Product, { id: contract.lineItems.map(({ productId }) => productId) });
  const common = { externalId: id, version, resourceId: id, laneOf: customerId, legalEntity: { code: entity.code, currency: entity.currency } };
  const known = { kind: 'customer' as const, externalId: customer.id, version: customer.version };
  const undoing = (kind: DocumentKind) => (contract.withdraws === null ? {} : { undoes: { kind, externalId: id, version: contract.withdraws } });
  const step = (kind: 'contract' | 'contractCheck', ...backends: Backend[]) => ({ kind, externalId: id, version, backends });
  const check = contractCheckDocument(contract, new Map(products.map((product) => [product.id, product])), work.today(entity.timeZone));
  const checked = step('contractCheck', 'erp');
  work.post({ ...common, ...undoing('contractCheck'), kind: 'contractCheck', body: check, after: [known] });
  const billed = { ...step('contract', 'billing'), waiting: ['crm' as const] };
  work.post({ ...common, ...undoing('contract'), kind: 'contract', body: contractDocument(contract), after: [known, checked, billed] });
  const body = entitlementDocument(contract, contract.state === ContractState.CANCELLED);
  work.post({ ...common, ...undoing('entitlement'), kind: 'entitlement', body, after: [checked, step('contract', 'billing', 'crm')] });
}

async function alignEntitlements(work: Work, contract: Contract, ended: boolean): Promise<void> {
  const sold = new Map(ended ? [] : contract.lineItems.map((line) => [line.productId, line]));
  const existing = await work.find(CustomerSubscription, { contractId: contract.id });
  const products = new Set([...existing.map((item) => item.productId), ...sold.keys()]);
  for (const productId of products) {
    const before = existing.find((item) => item.productId === productId);
    const subscription = before ? await work.lock(CustomerSubscription, before.id) : draft(work, contract, productId);
    const quantity = BigInt(sold.get(productId)?.quantity ?? '0');
    if (subscription.soldUnits === quantity) continue;
    Object.assign(subscription, entitle(subscription, quantity));
    if (before) work.change(subscription);
    else work.add(subscription);
    tellEntitlement(work, subscription);
  }
}

function draft(work: Work, contract: Contract, productId: string): CustomerSubscription {
  const { productKey } = contract.lineItems.find((line) => line.productId === productId)!;
  return Object.assign(new CustomerSubscription(), {
    id: work.id('sub', { system: 'evenkeel', type: 'subscription', key: `${contract.number}/${productKey}` }),
    customerId: contract.customerId,
    contractId: contract.id,
    productId,
    productKey,
    state: EntitlementState.ENDED,
    grantedUnits: 0n,
    soldUnits: 0n,
  });
}

/** Tells what an entitlement has become. */
export function tellEntitlement(work: Work, subscription: CustomerSubscription): void {
  const { contractId, productKey, grantedQuantity, soldQuantity } = subscription;
  const event = { ACTIVE: entitlementGranted, HELD: entitlementHeld, ENDED: entitlementEnded }[subscription.state];
  work.tell(event(subscription, { contractId, productKey, grantedQuantity, soldQuantity }));
}
