import { DEMO_TENANT } from '../gateway/tokens';
import { type Actor, perform } from '../subgraphs/act';
import { createContract } from '../subgraphs/contracts/commands/createContract';
import { upsertCustomer } from '../subgraphs/customers/commands/upsertCustomer';
import { upsertLegalEntity } from '../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import type { Engine } from '../subgraphs/engine';
import { issueInvoice } from '../subgraphs/invoices/commands/issueInvoice';
import { ensureTenant } from './tenants';

export const DEMO_IBAN = 'DE89370400440532013000';

const CUSTOMERS = [
  ['ACME-1', 'Acme Robotics GmbH', 'ap@acme.example', 'DE'],
  ['BLUE-2', 'Blue Harbour Ltd', 'finance@blueharbour.example', 'IE'],
  ['CEDAR-3', 'Cedar Analytics SAS', 'compta@cedar.example', 'FR'],
] as const;

/** The demo tenant with a legal entity, products, customers, contracts and a first invoice each. The same data every time. */
export async function seedDemo(engine: Engine): Promise<void> {
  await ensureTenant(engine, { tenantId: DEMO_TENANT, name: 'Demo', secret: 'demo' });
  const principal = { tenantId: DEMO_TENANT, client: 'demo-data', role: 'finance' as const };
  const actor: Actor = { engine, principal, correlationId: 'demo-data' };
  const entity = await perform(actor, upsertLegalEntity, {
    code: 'DE01', name: 'Evenkeel Demo GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [DEMO_IBAN],
  });
  const tax = { taxCode: 'VAT20', taxRatePercent: '20' };
  const platform = await perform(actor, upsertProduct, { key: 'PLATFORM', name: 'Platform seat', revenueAccount: '4010', ...tax });
  const support = await perform(actor, upsertProduct, { key: 'SUPPORT', name: 'Premium support', revenueAccount: '4030', ...tax });
  for (const [index, [key, name, email, countryCode]] of CUSTOMERS.entries()) {
    const customer = await perform(actor, upsertCustomer, { system: 'crm', key, name, email, countryCode, currency: 'EUR' });
    const contract = await perform(actor, createContract, {
      number: `C-${index + 1001}`,
      customerId: customer.id,
      legalEntityId: entity.id,
      startDate: '2026-01-01',
      endDate: '2026-12-31',
      currency: 'EUR',
      lines: [
        { productId: platform.id, quantity: String(10 * (index + 1)), unitPrice: { amount: '49.00', currency: 'EUR' } },
        { productId: support.id, quantity: '1', unitPrice: { amount: '250.00', currency: 'EUR' } },
      ],
    });
    await perform(actor, issueInvoice, { reference: `${contract.number}/2026-11`, contractId: contract.id, invoiceDate: '2026-11-01' });
  }
}
