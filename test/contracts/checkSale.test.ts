import type { Contract } from '../../entities/contracts/Contract';
import { TaxBuyer } from '../../entities/customers/taxes';
import { Invoice } from '../../entities/invoices/Invoice';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import type { UpsertCustomerInput } from '../../subgraphs/customers/api';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertTaxRegistration } from '../../subgraphs/customers/commands/upsertTaxRegistration';
import type { CreateContractInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { transferContract } from '../../subgraphs/contracts/commands/transferContract';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { billDueContracts } from '../../subgraphs/invoices/commands/billDueContracts';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { anotherEntity, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('what is sold can be taxed and paid, on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const customer = (change: Partial<UpsertCustomerInput>) => world.do(upsertCustomer, { system: 'crm', key: 'ACME', name: 'Acme', currency: 'EUR', ...change });
  const register = (countryCode: string, rates: [taxCode: string, ratePercent: string, from?: string, buyer?: TaxBuyer][], legalEntityId = given.entity.id) =>
    world.do(upsertTaxRegistration, {
      legalEntityId, countryCode, number: `${countryCode}-1`, validFrom: '2025-01-01',
      rates: rates.map(([taxCode, ratePercent, from = '2025-01-01', buyer = TaxBuyer.ANY]) => ({ category: 'VAT20', buyer, taxCode, ratePercent, from })),
    });
  const lines = (quantity: string) => [{ productId: given.product.id, quantity, unitPrice: EUR('10.00') }];
  /** Ten seats at 10.00 a month for the twelve months of 2026. */
  const create = (number: string, change: Partial<CreateContractInput> = {}) =>
    world.do(createContract, { number, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01', lines: lines('10'), ...change });
  const taxes = async ({ id }: Contract) => {
    await world.do(billContract, { contractId: id });
    return (await rowsOf(world, Invoice, { contractId: id })).flatMap(({ lineItems }) => lineItems.map(({ taxCode, taxMinor }) => `${taxCode} ${taxMinor}`));
  };

  test('without registrations a legal entity goes by its products', async () => {
    expect(await taxes(await create('T-1'))).toEqual(['VAT20 2000']);
  });

  test('a sale is taxed where the buyer is, at the rate of the day of the invoice', async () => {
    await register('DE', [['DE19', '19'], ['DE18', '18', '2026-12-01']]);
    await register('*', [['RC', '0', '2025-01-01', TaxBuyer.BUSINESS]]);
    await customer({ countryCode: 'DE' });
    const contract = await create('T-1');
    expect(await taxes(contract)).toEqual(['DE19 1900']);
    world.clock.travelTo('2026-12-01T09:00:00Z');
    expect((await taxes(contract)).sort()).toEqual(['DE18 1800', 'DE19 1900']);
    await customer({ countryCode: 'AT', taxNumber: 'ATU1' });
    expect((await taxes(await create('T-2'))).sort()).toEqual(['RC 0', 'RC 0']); // November and December
    const invoice = await world.do(issueInvoice, { reference: 'BY-HAND', customerId: given.customer.id, legalEntityId: given.entity.id, lines: [{ productId: given.product.id, quantity: '1', unitPrice: EUR('1.00') }] });
    expect(invoice.lineItems).toMatchObject([{ taxCode: 'RC', taxMinor: '0' }]);
  });

  test('what cannot be taxed is not sold: neither by a contract, nor by a change or a transfer of one', async () => {
    const other = await anotherEntity(world);
    const contract = await create('T-1');
    await register('DE', [['DE19', '19']]);
    await register('FR', [['FR20', '20']], other.id);
    expect(await refusalOf(world, () => create('T-2'))).toMatchObject({ code: 'TAX_COUNTRY_MISSING' });
    await customer({ countryCode: 'AT' });
    const contractId = contract.id;
    const refused = [
      () => create('T-2'), () => world.do(amendContract, { contractId, reason: 'More', lines: lines('20') }),
      () => world.do(renewContract, { contractId, reason: 'Another year', endDate: '2027-12-31', lines: [] }),
      () => world.do(transferContract, { contractId, reason: 'Moved', legalEntityId: other.id, effectiveDate: '2026-12-01' }),
    ];
    for (const sell of refused) expect(await refusalOf(world, sell)).toMatchObject({ code: 'TAX_NEXUS_MISSING' });
    await world.do(cancelContract, { contractId, reason: 'Left', effectiveDate: '2026-12-01' }); // nobody is kept from leaving
  });

  test('a contract that can no longer be taxed is an exception of the billing run', async () => {
    const contract = await create('T-1');
    await register('DE', [['DE19', '19']]);
    await customer({ countryCode: 'AT' });
    const page = await world.do(billDueContracts, { upTo: '2026-11-24', contractsMax: 10 });
    expect(page.failures).toMatchObject([{ contractId: contract.id, code: 'TAX_NEXUS_MISSING' }]);
    expect(await rowsOf(world, ExceptionItem)).toMatchObject([{ kind: 'BILLING_FAILED', state: 'OPEN', subjectId: contract.id }]);
    await customer({ countryCode: 'DE' });
    world.clock.travelTo('2026-11-25T09:00:00Z');
    expect((await world.do(billDueContracts, { upTo: '2026-11-25', contractsMax: 10 })).failures).toEqual([]);
    expect(await rowsOf(world, ExceptionItem)).toMatchObject([{ state: 'RESOLVED', resolution: 'The billing run has billed it.' }]);
  });

  test('an invoice is due by the terms of its customer', async () => {
    await customer({ paymentTermsDays: 14 });
    const contract = await create('T-1');
    await taxes(contract);
    expect(await rowsOf(world, Invoice)).toMatchObject([{ invoiceDate: '2026-11-24', dueDate: '2026-12-08' }]);
  });

  test('a customer does not owe more than its credit limit, billed and sold', async () => {
    await customer({ creditLimit: EUR('1500.00') });
    const contract = await create('L-1'); // 1200.00
    expect(await refusalOf(world, () => create('L-2'))).toMatchObject({
      code: 'CREDIT_LIMIT_EXCEEDED', message: 'The customer would owe 2400.00 EUR, billed and sold; its credit limit is 1500.00.',
    });
    await create('L-3', { lines: lines('2') }); // 240.00 more
    await world.do(billContract, { contractId: contract.id }); // 100.00 of it become 120.00 with tax
    const amend = (quantity: string) => world.do(amendContract, { contractId: contract.id, reason: 'Other', effectiveDate: '2026-12-01', lines: lines(quantity) });
    expect(await refusalOf(world, () => amend('15'))).toMatchObject({ code: 'CREDIT_LIMIT_EXCEEDED' }); // 50.00 more would be 1510.00
    await amend('14');
    await customer({ creditLimit: EUR('10.00') });
    await amend('5'); // less is always possible
  });

  test('the credit of a payer is for all it pays for, and for what comes to it by a transfer', async () => {
    const payer = await world.do(upsertCustomer, { system: 'crm', key: 'HOLDING', name: 'Holding', currency: 'EUR', creditLimit: EUR('2000.00') });
    await customer({ payerId: payer.id });
    await create('P-1'); // 1200.00
    expect(await refusalOf(world, () => create('P-2', { customerId: payer.id }))).toMatchObject({ code: 'CREDIT_LIMIT_EXCEEDED', message: 'The customer would owe 2400.00 EUR, billed and sold; its credit limit is 2000.00.' });
    const other = await world.do(upsertCustomer, { system: 'crm', key: 'OTHER', name: 'Other', currency: 'EUR' });
    const bought = await create('P-3', { customerId: other.id });
    const buy = (effectiveDate: string) => world.do(transferContract, { contractId: bought.id, customerId: payer.id, reason: 'Bought', effectiveDate });
    expect(await refusalOf(world, () => buy('2026-03-01'))).toMatchObject({ code: 'CREDIT_LIMIT_EXCEEDED' }); // ten months of 100.00
    await buy('2026-05-01');
  });

  test('two contracts at once do not both use the last of the credit', async () => {
    await customer({ creditLimit: EUR('1500.00') });
    const done = await Promise.allSettled([create('L-1'), create('L-2')]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CREDIT_LIMIT_EXCEEDED' } });
  });

  test('what is wrong with tax and credit is told together', async () => {
    await register('DE', [['DE19', '19']]);
    await customer({ countryCode: 'AT', creditLimit: EUR('1.00') });
    const mutation = 'mutation($input: CreateContractInput!) { createContract(input: $input) { ... on Refused { code others { code } } } }';
    const input = { number: 'T-9', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', lines: lines('10') };
    expect((await world.ask(mutation, { input })).data.createContract).toEqual({ code: 'TAX_NEXUS_MISSING', others: [{ code: 'CREDIT_LIMIT_EXCEEDED' }] });
  });
});
