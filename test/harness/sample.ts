import type { Contract } from '../../entities/contracts/Contract';
import type { Customer } from '../../entities/customers/Customer';
import type { LegalEntity } from '../../entities/customers/LegalEntity';
import type { Product } from '../../entities/customers/Product';
import type { Invoice } from '../../entities/invoices/Invoice';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import type { World } from './world';

export const IBAN = 'DE89370400440532013000';

export interface Sample {
  entity: LegalEntity;
  product: Product;
  customer: Customer;
}

/** A legal entity in euros, a product at 20 % tax, and a customer. */
export async function sample(world: World, tenant = 'demo', entityCode = 'DE01'): Promise<Sample> {
  const actor = world.actor('finance', tenant);
  const entity = await world.do(
    upsertLegalEntity,
    { code: entityCode, name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [IBAN] },
    actor,
  );
  const product = await world.do(upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' }, actor);
  const customer = await world.do(upsertCustomer, { system: 'crm', key: 'ACME', name: 'Acme', currency: 'EUR' }, actor);
  return { entity, product, customer };
}

/** A second customer. */
export function anotherCustomer(world: World, key = 'BOLT'): Promise<Customer> {
  return world.do(upsertCustomer, { system: 'crm', key, name: key, currency: 'EUR' });
}

/** A second legal entity, without a bank account. */
export function anotherEntity(world: World, code = 'FR01'): Promise<LegalEntity> {
  return world.do(upsertLegalEntity, { code, name: code, currency: 'EUR', timeZone: 'Europe/Paris', booksFrom: '2025-01-01', bankAccounts: [] });
}

/** A contract of `quantity` seats at 100.00. */
export function sampleContract(world: World, { entity, product, customer }: Sample, number = 'C-1', quantity = '10'): Promise<Contract> {
  return world.do(
    createContract,
    {
      number,
      customerId: customer.id,
      legalEntityId: entity.id,
      startDate: '2026-01-01',
      endDate: '2026-12-31',
      currency: 'EUR',
      lines: [{ productId: product.id, quantity, unitPrice: { amount: '100.00', currency: 'EUR' } }],
    },
    world.actor('finance', customer.tenantId),
  );
}

/** An invoice of `amount` before tax, which is 20 %. */
export function sampleInvoice(world: World, { entity, product, customer }: Sample, reference = 'R-1', amount = '100.00'): Promise<Invoice> {
  return world.do(
    issueInvoice,
    {
      reference,
      customerId: customer.id,
      legalEntityId: entity.id,
      invoiceDate: '2026-11-01',
      dueDate: '2026-11-15',
      lines: [{ productId: product.id, quantity: '1', unitPrice: { amount, currency: 'EUR' } }],
    },
    world.actor('finance', customer.tenantId),
  );
}
