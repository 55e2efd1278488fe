import { Customer } from '../../entities/customers/Customer';
import { Posting } from '../../entities/operations/Posting';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { mergeCustomers } from '../../subgraphs/customers/commands/mergeCustomers';
import { unmergeCustomer } from '../../subgraphs/customers/commands/unmergeCustomer';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { Invoice } from '../../entities/invoices/Invoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('mergeCustomers on %s', (database) => {
  let world: World;
  let given: Sample;
  let bolt: Customer;
  beforeEach(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    bolt = await anotherCustomer(world);
  });
  afterEach(() => world.close());

  const merge = (into: Customer, ...merged: Customer[]) => world.do(mergeCustomers, { customerId: into.id, mergedIds: merged.map(({ id }) => id) });
  const contractOf = (customerId: string, number = 'M-1') => world.do(createContract, {
    number, customerId, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01',
    lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '10.00', currency: 'EUR' } }],
  });
  const payers = async (contractId: string) => {
    const { invoiceIds } = await world.do(billContract, { contractId });
    const { data } = await world.ask('query($id: ID!) { invoice(id: $id) { customer { id } lines { customer { id } } } }', { id: invoiceIds[0] });
    return data.invoice;
  };

  test('the merged record stays with its key and id, is told and posted, and shows who stands for it', async () => {
    await merge(given.customer, bolt);
    expect((await world.told()).at(-1)).toBe('customer.merged');
    const { data } = await world.ask('query($id: ID!) { customers(filter: { key: "BOLT" }) { nodes { id key version mergedInto { id mergedFrom { key } } } } customer(id: $id) { version mergedInto { id } } }', { id: given.customer.id });
    expect(data.customers.nodes).toEqual([{ id: bolt.id, key: 'BOLT', version: 2, mergedInto: { id: given.customer.id, mergedFrom: [{ key: 'BOLT' }] } }]);
    expect(data.customer).toEqual({ version: 1, mergedInto: null });
    const posted = (await rowsOf(world, Posting, { resourceId: bolt.id, backend: 'crm' })).find(({ document }) => document.version === 2);
    expect(posted!.document.body).toMatchObject({ key: 'BOLT', mergedIntoId: given.customer.id });
    await world.settles();
    expect((await rowsOf(world, Posting, { resourceId: bolt.id })).map(({ state }) => state)).not.toContain('REJECTED');
  });

  test('what the merged customer has is billed to the one that stands for it, and says whose it is', async () => {
    const contract = await contractOf(bolt.id);
    await merge(given.customer, bolt);
    expect(await payers(contract.id)).toEqual({ customer: { id: given.customer.id }, lines: [{ customer: { id: bolt.id } }] });
    expect(await world.do(issueInvoice, { reference: 'R-9', customerId: bolt.id, legalEntityId: given.entity.id, lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '1.00', currency: 'EUR' } }] }))
      .toMatchObject({ customerId: given.customer.id });
  });

  test('the status of the one that stands for others is of all of them, and invoices before stay in the name they were posted in', async () => {
    const before = await sampleInvoice(world, { ...given, customer: bolt });
    await sampleInvoice(world, given, 'R-2', '50.00');
    await contractOf(bolt.id);
    await merge(given.customer, bolt);
    const { data } = await world.ask('query($id: ID!, $invoice: ID!) { customer(id: $id) { financialStatus { activeContracts balances { open { amount } } } } invoice(id: $invoice) { customer { id } version } }', { id: given.customer.id, invoice: before.id });
    expect(data.customer.financialStatus).toEqual({ activeContracts: 1, balances: [{ open: { amount: '180.00' } }] });
    expect(data.invoice).toEqual({ customer: { id: bolt.id }, version: 1 });
  });

  test('cash of the one pays what was billed to the other, here and in the ERP; cash of a stranger does not', async () => {
    const before = await sampleInvoice(world, { ...given, customer: bolt });
    const pay = (customerId: string, reference: string) =>
      world.do(recordPayment, { reference, customerId, legalEntityId: given.entity.id, amount: { amount: '120.00', currency: 'EUR' }, applyTo: [{ invoiceId: before.id }] });
    expect(await refusalOf(world, () => pay(given.customer.id, 'P-0'))).toMatchObject({ code: 'CUSTOMER_MISMATCH', path: 'input.invoiceId' });
    await merge(given.customer, bolt);
    const stranger = await anotherCustomer(world, 'STRANGER');
    expect(await refusalOf(world, () => pay(stranger.id, 'P-1'))).toMatchObject({ code: 'CUSTOMER_MISMATCH' });
    await pay(given.customer.id, 'P-2');
    expect(await rowsOf(world, Invoice, { id: before.id })).toMatchObject([{ settlement: 'PAID' }]);
    await world.settles();
    expect((await rowsOf(world, Posting, { relatedId: before.id })).map(({ state }) => state)).toEqual(['POSTED', 'POSTED']);
  });

  test('whom the merged customer stood for, the other one stands for; again, nothing changes', async () => {
    const spark = await anotherCustomer(world, 'SPARK');
    await merge(bolt, spark);
    await merge(given.customer, bolt);
    expect((await rowsOf(world, Customer, { mergedIntoId: given.customer.id })).map(({ key }) => key).sort()).toEqual(['BOLT', 'SPARK']);
    const before = await everything(world);
    await merge(given.customer, bolt, spark);
    const { audit_entry: _, ...after } = await everything(world);
    expect(before).toMatchObject(after);
  });

  test('what its system says of a merged customer goes on to be kept with it', async () => {
    await merge(given.customer, bolt);
    expect(await world.do(upsertCustomer, { system: 'crm', key: 'BOLT', name: 'Bolt Ltd', currency: 'EUR' })).toMatchObject({ name: 'Bolt Ltd', mergedIntoId: given.customer.id });
    const { data } = await world.ask('{ duplicateCustomers { customers { key } } }');
    expect(data.duplicateCustomers).toEqual([]);
  });

  test('a merge is taken back, and from then on the customer is billed by itself', async () => {
    const contract = await contractOf(bolt.id);
    await merge(given.customer, bolt);
    await world.do(unmergeCustomer, { customerId: bolt.id });
    expect(await payers(contract.id)).toEqual({ customer: { id: bolt.id }, lines: [{ customer: null }] });
  });

  test.each<[string, string, string, () => { customerId?: string; mergedIds?: string[]; expectedVersion?: number }]>([
    ['nobody', 'MERGE_EMPTY', 'input.mergedIds', () => ({ mergedIds: [] })],
    ['too many', 'MERGE_EMPTY', 'input.mergedIds', () => ({ mergedIds: Array.from({ length: 101 }, (_, n) => `cus_${String(n).padStart(32, '0')}`) })],
    ['itself', 'MERGE_SAME', 'input.mergedIds', () => ({ mergedIds: [given.customer.id] })],
    ['a malformed id', 'ID_MALFORMED', 'input.mergedIds.0', () => ({ mergedIds: [MALFORMED_ID] })],
    ['somebody unknown', 'NOT_FOUND', 'id', () => ({ mergedIds: [unknownId('cus')] })],
    ['a stale version', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 7 })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => world.do(mergeCustomers, { customerId: given.customer.id, mergedIds: [bolt.id], ...change() }))).toMatchObject({ code, path });
  });

  test('nobody is merged into a merged customer, or into two', async () => {
    const spark = await anotherCustomer(world, 'SPARK');
    await merge(given.customer, bolt);
    expect(await refusalOf(world, () => merge(bolt, spark))).toMatchObject({ code: 'CUSTOMER_MERGED', path: 'input.customerId' });
    expect(await refusalOf(world, () => merge(spark, bolt))).toMatchObject({ code: 'CUSTOMER_MERGED', path: 'input.mergedIds' });
  });

  test("another tenant's customer is not merged", async () => {
    const theirs = await sample(world, 'other');
    expect(await refusalOf(world, () => merge(given.customer, theirs.customer))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
