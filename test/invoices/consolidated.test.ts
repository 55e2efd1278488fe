import { runBilling } from '../../cli/bill';
import type { Contract } from '../../entities/contracts/Contract';
import type { Customer } from '../../entities/customers/Customer';
import { BilledItem } from '../../entities/invoices/BilledItem';
import { BillingCursor } from '../../entities/invoices/BillingCursor';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import type { CreateContractInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { withdrawAmendment } from '../../subgraphs/contracts/commands/withdrawAmendment';
import type { UpsertCustomerInput } from '../../subgraphs/customers/api';
import { mergeCustomers } from '../../subgraphs/customers/commands/mergeCustomers';
import { unmergeCustomer } from '../../subgraphs/customers/commands/unmergeCustomer';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { billDueContracts } from '../../subgraphs/invoices/commands/billDueContracts';
import { rebillInvoice } from '../../subgraphs/invoices/commands/rebillInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { DATABASES } from '../harness/databases';
import { everything, refusalOf, rowsOf } from '../harness/refusals';
import { anotherEntity, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });
const UP_TO = '2026-11-24';

describe.each(DATABASES)('invoices of several contracts on %s', (database) => {
  let world: World;
  let given: Sample;
  let payer: Customer;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    payer = await customer('HOLDING', { consolidatesInvoices: true });
  });
  afterEach(() => world.close());

  const customer = (key: string, change: Partial<UpsertCustomerInput> = {}) => world.do(upsertCustomer, { system: 'crm', key, name: key, currency: 'EUR', ...change });
  const create = (number: string, customerId: string, change: Partial<CreateContractInput> = {}): Promise<Contract> => world.do(createContract, {
    number, customerId, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01',
    lines: [{ productId: given.product.id, quantity: '1', unitPrice: EUR('10.02') }], ...change,
  });
  const run = (contractsMax = 100, dryRun = false) => runBilling(world.engine, 'demo', { upTo: UP_TO, contractsMax, dryRun });
  const invoices = async () => (await rowsOf(world, Invoice)).sort((a, b) => (a.number < b.number ? -1 : 1));
  const told = (all: Invoice[]) => all.map(({ reference, customerId, lineItems, totalMinor }) => `${reference} ${customerId === payer.id ? 'HOLDING' : 'other'} ${lineItems.length} ${totalMinor}`);
  const cursors = async () => (await rowsOf(world, BillingCursor)).filter(({ consolidatedFor }) => consolidatedFor === payer.id).length;

  test('a payer gets what a day brings for all it pays for on one invoice, taxed as a whole; the others get theirs', async () => {
    const daughters = [await customer('D1', { payerId: payer.id }), await customer('D2', { payerId: payer.id })];
    for (const [index, { id }] of daughters.entries()) await create(`C-${index}`, id);
    await create('C-2', payer.id);
    await create('ALONE', given.customer.id);
    expect(await run(2)).toMatchObject({ contracts: 4, invoices: 2, billed: ['48.09 EUR'], failures: [] });
    const all = await invoices();
    expect(told(all).sort()).toEqual(['ALONE/DE01/1 other 1 1202', 'C-0/DE01/1+2 HOLDING 3 3607']); // 3 times 10.02 and 6.012 of tax; by itself each would have had 2.004
    const together = all.find(({ customerId }) => customerId === payer.id)!;
    expect(together.lineItems.map(({ description }) => description.split(':')[0])).toEqual(['C-0', 'C-1', 'C-2']);
    const { data } = await world.ask('query($id: ID!) { invoice(id: $id) { contract { id } customer { key } lines { contract { number } customer { key } } } contracts { nodes { number invoices { number } } } }', { id: together.id });
    expect(data.invoice).toMatchObject({ contract: null, customer: { key: 'HOLDING' } });
    expect(data.invoice.lines.map((line: any) => `${line.contract.number} ${line.customer?.key}`).sort()).toEqual(['C-0 D1', 'C-1 D2', 'C-2 undefined']);
    expect(data.contracts.nodes.map((contract: any) => `${contract.number} ${contract.invoices.map(({ number }: any) => number)}`).sort())
      .toEqual([`ALONE ${all.find((one) => one !== together)!.number}`, ...['C-0', 'C-1', 'C-2'].map((number) => `${number} ${together.number}`)]);
    await world.settles();
    expect((await rowsOf(world, Posting, { resourceId: together.id })).map(({ state }) => state)).toEqual(['POSTED', 'POSTED']);
    expect(await run()).toMatchObject({ contracts: 0 });
  });

  test('a dry run counts the same and leaves everything as it was', async () => {
    for (let n = 0; n < 5; n++) await create(`C-${n}`, n < 3 ? payer.id : given.customer.id);
    const before = await everything(world);
    const dry = await run(2, true);
    expect(await everything(world)).toEqual(before);
    expect(dry).toMatchObject({ contracts: 5, invoices: 3 });
    expect(await run(2)).toMatchObject({ ...dry, dryRun: false });
  });

  test('legal entities and currencies have invoices of their own', async () => {
    const { id: legalEntityId } = await anotherEntity(world);
    for (const n of [1, 2]) {
      await create(`A-${n}`, payer.id);
      await create(`B-${n}`, payer.id, { legalEntityId });
      await create(`C-${n}`, payer.id, { currency: 'USD', lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '5.00', currency: 'USD' } }] });
    }
    expect(await run()).toMatchObject({ contracts: 6, invoices: 3 });
    expect((await invoices()).map(({ reference, currency }) => `${reference.slice(0, 1)} ${reference.split('/')[1]} ${currency}`).sort()).toEqual(['A DE01 EUR', 'B FR01 EUR', 'C DE01 USD']);
  });

  test('runs at the same time put nothing on two invoices', async () => {
    for (let n = 0; n < 12; n++) await create(`C-${n}`, payer.id);
    const page = () => world.do(billDueContracts, { upTo: UP_TO, contractsMax: 3, payers: [payer.id] }, world.actor('ops'));
    const pages = await Promise.all(Array.from({ length: 4 }, page));
    expect(pages.map(({ contracts }) => contracts).sort((a, b) => a - b)).toEqual([0, 0, 0, 12]);
    expect((await invoices()).map(({ lineItems }) => lineItems.length)).toEqual([12]);
  });

  test('a contract that cannot be billed keeps the others of its payer from nothing', async () => {
    await create('GOOD-1', payer.id);
    await create('GOOD-2', payer.id);
    await create('HUGE', payer.id, { billingFrom: '2026-01-01', lines: [{ productId: given.product.id, quantity: '1', periodMonths: 12, unitPrice: { amountMinor: '8900000000000000', currency: 'EUR' } }] });
    expect(await run()).toMatchObject({ contracts: 3, invoices: 1, failures: [{ code: 'AMOUNT_TOO_LARGE' }] });
    expect((await invoices()).map(({ lineItems }) => lineItems.length)).toEqual([2]);
  });

  test('what together is beyond what one invoice may carry comes on several', async () => {
    for (const n of [1, 2]) await create(`BIG-${n}`, payer.id, { billingFrom: '2026-01-01', lines: [{ productId: given.product.id, quantity: '1', periodMonths: 12, unitPrice: { amountMinor: '5000000000000000', currency: 'EUR' } }] });
    expect(await run()).toMatchObject({ invoices: 2, failures: [] });
    expect((await invoices()).map(({ reference }) => reference)).toEqual(['BIG-1/DE01/1', 'BIG-2/DE01/1']);
  });

  test('less is credited on the line that charged it, and the invoice of the others stands', async () => {
    const contracts = [await create('C-1', payer.id, { lines: [{ productId: given.product.id, quantity: '4', unitPrice: EUR('10.00') }] }), await create('C-2', payer.id)];
    await run();
    await world.do(amendContract, { contractId: contracts[0]!.id, reason: 'Less', effectiveDate: '2026-11-01', lines: [{ productId: given.product.id, quantity: '1' }] });
    expect(await run()).toMatchObject({ invoices: 0, creditMemos: 1 });
    const [memo] = await rowsOf(world, CreditMemo);
    const [invoice] = await invoices();
    expect(memo).toMatchObject({ invoiceId: invoice!.id, totalMinor: 3_600n, lineItems: [{ netMinor: '3000' }] });
    expect(invoice).toMatchObject({ openMinor: 2_402n });
  });

  test('an amendment that such an invoice bills is not withdrawn', async () => {
    const contracts = [await create('C-1', payer.id), await create('C-2', payer.id)];
    for (const { id } of contracts) await world.do(amendContract, { contractId: id, reason: 'More', effectiveDate: '2026-11-01', lines: [{ productId: given.product.id, quantity: '2' }] });
    await run();
    expect(await refusalOf(world, () => world.do(withdrawAmendment, { contractId: contracts[0]!.id, reason: 'Not so' }))).toMatchObject({ code: 'TERMS_INVOICED' });
  });

  test('voided, all of it is billed anew; rebilled, on one invoice that names it', async () => {
    await create('C-1', payer.id);
    await create('C-2', payer.id);
    await run();
    const [first] = await invoices();
    const second = await world.do(rebillInvoice, { invoiceId: first!.id, reason: 'Wrong address' });
    expect(second).toMatchObject({ rebillsId: first!.id, contractId: null, customerId: payer.id, totalMinor: first!.totalMinor });
    expect(second.lineItems).toHaveLength(2);
    await world.do(voidInvoice, { invoiceId: second.id, reason: 'Wrong again' });
    expect(await run()).toMatchObject({ contracts: 2, invoices: 1 });
    const items = await rowsOf(world, BilledItem);
    expect(items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(2_004n);
  });

  test('who pays, and whether on one invoice, holds from the next run on', async () => {
    const daughter = await customer('D1');
    await create('C-1', daughter.id);
    await create('C-2', payer.id);
    expect(await cursors()).toBe(1);
    await customer('D1', { payerId: payer.id });
    expect((await world.told()).slice(-2)).toEqual(['customer.upserted', 'customer.payerChanged']);
    expect(await cursors()).toBe(2);
    await customer('HOLDING', { consolidatesInvoices: false });
    expect(await cursors()).toBe(0);
    await customer('HOLDING', { consolidatesInvoices: true });
    await customer('D1');
    expect(await cursors()).toBe(1);
    await world.do(mergeCustomers, { customerId: payer.id, mergedIds: [daughter.id] });
    expect(await cursors()).toBe(2);
    await world.do(unmergeCustomer, { customerId: daughter.id });
    expect(await cursors()).toBe(1);
    expect(await run()).toMatchObject({ invoices: 2 });
  });

  test('each line is taxed for who has it, and the payer owes the sum', async () => {
    await world.do(upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT7', taxRatePercent: '7' });
    const daughter = await customer('D1', { payerId: payer.id });
    await create('C-1', daughter.id);
    await create('C-2', payer.id);
    await run();
    expect((await invoices()).map(({ taxMinor }) => taxMinor)).toEqual([140n]); // 7 % of 20.04
  });
});
