import type { Contract } from '../../../entities/contracts/Contract';
import { CustomerSubscription, EntitlementState } from '../../../entities/contracts/CustomerSubscription';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { termsOf } from '../../../entities/terms/ofContract';
import { booksOf } from '../../accounting';
import type { Backend, DocumentKind } from '../../../sync/documents';
import { taxedOrPlain, taxesOf } from '../../taxes';
import type { Work } from '../../work';
import { type contractCreated, entitlementEnded, entitlementGranted, entitlementHeld } from '../events';
import { contractCheckDocument, contractDocument, entitle, entitlementDocument, unitsByProduct } from '../rules';

/**
 * Tells a new contract version, brings its entitlements in line and posts it step by step: the ERP checks that it would take the
 * invoices, billing gets the contract, then the CRM, then the SaaS platform the entitlements.
 */
export async function publishContract(work: Work, contract: Contract, event: typeof contractCreated): Promise<void> {
  const { number, customerId, state, startDate, endDate, currency, reason } = contract;
  const entity = await work.read(LegalEntity, contract.legalEntityId);
  const today = work.today(entity.timeZone);
  const units = unitsByProduct(termsOf(contract), today);
  work.tell(event(contract, { number, customerId, state, startDate, endDate, currency, reason: reason ?? '' }));
  await alignEntitlements(work, contract, units);
  await postContract(work, contract, { entity, today, units });
}

interface InForce {
  entity: LegalEntity;
  today: string;
  units: ReturnType<typeof unitsByProduct>;
}

async function postContract(work: Work, contract: Contract, { entity, today, units }: InForce): Promise<void> {
  const { id, version, customerId } = contract;
  const customer = await work.read(Customer, customerId);
  const products = await work.find(Product, { id: contract.lineItems.map(({ productId }) => productId) });
  const common = { externalId: id, version, resourceId: id, laneOf: customerId, legalEntity: { code: entity.code, currency: entity.currency } };
  const known = { kind: 'customer' as const, externalId: customer.id, version: customer.version };
  const undoing = (kind: DocumentKind) => (contract.withdraws === null ? {} : { undoes: { kind, externalId: id, version: contract.withdraws } });
  const step = (kind: 'contract' | 'contractCheck', ...backends: Backend[]) => ({ kind, externalId: id, version, backends });
  const whose = { tenantId: work.tenantId, legalEntityIds: [entity.id] };
  const books = taxedOrPlain(await booksOf(work.sql, { ...whose, products }), await taxesOf(work.sql, whose), { customer, on: today });
  const check = contractCheckDocument(contract, (productId) => books(entity.id, productId)!, today);
  const checked = step('contractCheck', 'erp');
  work.post({ ...common, ...undoing('contractCheck'), kind: 'contractCheck', body: check, after: [known] });
  const billed = { ...step('contract', 'billing'), waiting: ['crm' as const] };
  work.post({ ...common, ...undoing('contract'), kind: 'contract', body: contractDocument(contract), after: [known, checked, billed] });
  const body = entitlementDocument(contract, units);
  work.post({ ...common, ...undoing('entitlement'), kind: 'entitlement', body, after: [checked, step('contract', 'billing', 'crm')] });
}

/** Brings what may be used of each product in line with what the contract gives today. */
async function alignEntitlements(work: Work, contract: Contract, units: InForce['units']): Promise<void> {
  const existing = await work.find(CustomerSubscription, { contractId: contract.id });
  const gone = existing.filter(({ productId }) => !units.has(productId)).map(({ productId, productKey }) => [productId, { productKey, units: 0n }] as const);
  for (const [productId, sold] of [...units, ...gone]) {
    const before = existing.find((item) => item.productId === productId);
    if (!before && sold.units === 0n) continue;
    const subscription = before ? await work.lock(CustomerSubscription, before.id) : draft(work, contract, { productId, productKey: sold.productKey });
    const { customerId } = contract;
    if (subscription.soldUnits === sold.units && (sold.units === 0n || subscription.customerId === customerId)) continue;
    Object.assign(subscription, entitle(subscription, sold.units), { customerId });
    if (before) work.change(subscription);
    else work.add(subscription);
    tellEntitlement(work, subscription);
  }
}

function draft(work: Work, contract: Contract, { productId, productKey }: { productId: string; productKey: string }): CustomerSubscription {
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
