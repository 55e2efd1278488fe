import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import type { IssueInvoiceInput } from '../../subgraphs/invoices/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('issueInvoice on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let count = 0;
  const seats = (quantity = '1', amount = '100.00', currency = 'EUR') => ({ productId: given.product.id, quantity, unitPrice: { amount, currency } });
  const input = (change: Partial<IssueInvoiceInput> = {}): IssueInvoiceInput => ({
    reference: `R-${++count}`,
    customerId: given.customer.id,
    legalEntityId: given.entity.id,
    invoiceDate: '2026-11-01',
    dueDate: '2026-11-15',
    lines: [seats()],
    ...change,
  });
  const issue = (change?: Partial<IssueInvoiceInput>) => world.do(issueInvoice, input(change));
  const ofContract = (contractId: string) => input({ contractId, customerId: undefined, legalEntityId: undefined, lines: undefined, invoiceDate: undefined, dueDate: undefined });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterAll(() => world.close());

  test('an invoice is open for its total with tax, numbered, quotable, and on its way to billing and ERP', async () => {
    const invoice = await issue({ lines: [seats('3', '33.33')] });
    const money = { netMinor: 9999n, taxMinor: 2000n, totalMinor: 11999n, openMinor: 11999n, creditedMinor: 0n };
    expect(invoice).toMatchObject({ version: 1, state: 'ISSUED', settlement: 'UNPAID', ...money });
    expect(invoice.number).toMatch(/^INV-DE01-2026-\d{6}$/);
    expect(invoice.paymentReference).toMatch(/^RF\d\d/);
    const postings = await rowsOf(world, Posting, { resourceId: invoice.id });
    expect(postings.map(({ kind, backend }) => `${kind}/${backend}`).sort()).toEqual(['invoice/billing', 'invoice/erp']);
  });

  test("without dates it is of today in its legal entity's zone, and due in 30 days", async () => {
    world.clock.travelTo('2026-11-24T23:30:00Z');
    expect(await issue({ invoiceDate: undefined, dueDate: undefined })).toMatchObject({ invoiceDate: '2026-11-25', dueDate: '2026-12-25' });
  });

  test("with a contract it bills the contract's lines, customer and legal entity", async () => {
    const contract = await sampleContract(world, given, 'BILLED');
    const invoice = await world.do(issueInvoice, ofContract(contract.id));
    expect(invoice).toMatchObject({ contractId: contract.id, customerId: given.customer.id, legalEntityId: given.entity.id, totalMinor: 120000n });
  });

  test('numbers have no gap, though 20 are taken at once and some invoices are refused', async () => {
    const entity = await anotherEntity(world, 'GAP');
    const bad = () => issue({ legalEntityId: entity.id, lines: [seats(), seats('1', '1', 'USD')] }).catch(() => undefined);
    const good = () => issue({ legalEntityId: entity.id });
    const all = await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? bad() : good())));
    const numbers = all.flatMap((invoice) => (invoice ? [invoice.number] : [])).sort();
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => `INV-GAP-2026-${String(index + 1).padStart(6, '0')}`));
  });

  test('the same document again is the same invoice, takes no number and posts nothing', async () => {
    const wanted = input();
    const first = await world.do(issueInvoice, wanted);
    const before = await everything(world);
    expect(await world.do(issueInvoice, wanted)).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test('the same document again stands, though the contract was amended and cancelled meanwhile and days have passed', async () => {
    const contract = await sampleContract(world, given, 'CHANGES');
    const wanted = ofContract(contract.id);
    const first = await world.do(issueInvoice, wanted);
    await world.do(amendContract, { contractId: contract.id, reason: 'More', lines: [{ productId: given.product.id, quantity: '99' }] });
    await world.do(cancelContract, { contractId: contract.id, reason: 'Over' });
    world.clock.travelTo('2026-12-02T09:00:00Z');
    expect(await world.do(issueInvoice, wanted)).toEqual(first);
  });

  test.each<[string, () => Promise<Partial<IssueInvoiceInput>>]>([
    ['customer', async () => ({ customerId: (await anotherCustomer(world)).id })],
    ['legal entity', async () => ({ legalEntityId: (await anotherEntity(world)).id })],
    ['contract', async () => ({ contractId: (await sampleContract(world, given, `C-${++count}`)).id })],
    ['date', async () => ({ invoiceDate: '2026-11-02' })],
    ['due date', async () => ({ dueDate: '2026-11-16' })],
    ['price', async () => ({ lines: [seats('1', '100.01')] })],
    ['currency', async () => ({ lines: [seats('1', '100.00', 'USD')] })],
    ['quantity at the same total', async () => ({ lines: [seats('2', '50.00')] })],
    ['description', async () => ({ lines: [{ ...seats(), description: 'Chair' }] })],
    ['number of lines', async () => ({ lines: [seats(), seats()] })],
  ])('the same reference with another %s is refused with DOCUMENT_DIFFERS', async (_field, change) => {
    const wanted = input();
    await world.do(issueInvoice, wanted);
    const other = { ...wanted, ...(await change()) };
    expect(await refusalOf(world, () => world.do(issueInvoice, other))).toMatchObject({ code: 'DOCUMENT_DIFFERS', path: 'input.reference', retryable: false });
  });

  const withContract = async (change: Partial<IssueInvoiceInput>) => ({ contractId: (await sampleContract(world, given, `C-${++count}`)).id, ...change });

  test.each<[string, string, string, () => Promise<Partial<IssueInvoiceInput>>]>([
    ['an invoice without parties', 'PARTIES_MISSING', 'input.contractId', async () => ({ customerId: undefined })],
    ['an invoice without lines', 'LINES_MISSING', 'input.lines', async () => ({ lines: [] })],
    ['an invoice with neither lines nor contract', 'LINES_MISSING', 'input.lines', async () => ({ lines: undefined })],
    ['a day before the first period', 'PERIOD_BEFORE_FIRST', 'input.invoiceDate', async () => ({ invoiceDate: '2024-12-31' })],
    ['an invoice due before it is issued', 'DUE_BEFORE_ISSUE', 'input.dueDate', async () => ({ dueDate: '2026-10-31' })],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.lines.0.unitPrice.currency', async () => ({ lines: [seats('1', '1', 'EEE')] })],
    ['an invoice in two currencies', 'CURRENCY_MISMATCH', 'input.lines.1.unitPrice.currency', async () => ({ lines: [seats(), seats('1', '1', 'USD')] })],
    ['a price of too many decimals', 'AMOUNT_TOO_PRECISE', 'input.lines.0.unitPrice.amount', async () => ({ lines: [seats('1', '0.005')] })],
    ['a negative price', 'AMOUNT_NOT_POSITIVE', 'input.lines.0.unitPrice', async () => ({ lines: [seats('1', '-100.00')] })],
    ['more than a document may carry', 'AMOUNT_TOO_LARGE', 'input.lines', async () => ({ lines: [seats('999999999999', '90000000000.00')] })],
    ['a line of no units', 'QUANTITY_INVALID', 'input.lines.0.quantity', async () => ({ lines: [seats('0')] })],
    ['an empty reference', 'TEXT_INVALID', 'input.reference', async () => ({ reference: '' })],
    ['a malformed customer', 'ID_MALFORMED', 'input.customerId', async () => ({ customerId: MALFORMED_ID })],
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', async () => ({ contractId: MALFORMED_ID })],
    ['an unknown contract', 'NOT_FOUND', 'input.contractId', async () => ({ contractId: unknownId('con') })],
    ["another tenant's contract", 'NOT_FOUND', 'input.contractId', async () => ({ contractId: (await sampleContract(world, foreign, `T-${++count}`)).id })],
    ["another tenant's customer", 'NOT_FOUND', 'input.customerId', async () => ({ customerId: foreign.customer.id })],
    ["another tenant's legal entity", 'NOT_FOUND', 'input.legalEntityId', async () => ({ legalEntityId: foreign.entity.id })],
    ["another tenant's product", 'NOT_FOUND', 'input.lines.0.productId', async () => ({ lines: [{ ...seats(), productId: foreign.product.id }] })],
    ['a cancelled contract', 'CONTRACT_CANCELLED', 'input.contractId', async () => {
      const { contractId } = await withContract({});
      await world.do(cancelContract, { contractId, reason: 'Over' });
      return { contractId };
    }],
    ["a customer who is not the contract's", 'CUSTOMER_MISMATCH', 'input.customerId', async () => withContract({ customerId: (await anotherCustomer(world)).id })],
    ["a legal entity that is not the contract's", 'LEGAL_ENTITY_MISMATCH', 'input.legalEntityId', async () => withContract({ legalEntityId: (await anotherEntity(world)).id })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const wanted = await change();
    expect(await refusalOf(world, () => issue(wanted))).toMatchObject({ code, path, retryable: false });
  });

  test("an issued invoice keeps its tax when the product's changes", async () => {
    const product = await world.do(upsertProduct, { key: 'TAXED', name: 'Taxed', revenueAccount: '4010', taxCode: 'VAT', taxRatePercent: '10' });
    const wanted = input({ lines: [{ ...seats(), productId: product.id }] });
    const before = await world.do(issueInvoice, wanted);
    await world.do(upsertProduct, { key: 'TAXED', name: 'Taxed', revenueAccount: '4010', taxCode: 'VAT', taxRatePercent: '25' });
    expect((await issue({ lines: wanted.lines! })).taxMinor).toBe(2500n);
    expect(await world.do(issueInvoice, wanted)).toEqual(before);
    expect((await rowsOf(world, Invoice, { id: before.id }))[0]!.taxMinor).toBe(1000n);
  });

  test('the public schema answers the invoice, or what it was refused with', async () => {
    const mutation = `mutation($input: IssueInvoiceInput!) { issueInvoice(input: $input) {
      __typename ... on Invoice { number open { amount } lines { tax { amount } } } ... on Refused { code path retryable } } }`;
    const done = await world.ask(mutation, { input: input({ reference: 'ASKED' }) });
    expect(done.data.issueInvoice).toMatchObject({ __typename: 'Invoice', open: { amount: '120.00' }, lines: [{ tax: { amount: '20.00' } }] });
    const no = await world.ask(mutation, { input: input({ reference: 'ASKED', lines: [seats('2')] }) });
    expect(no.data.issueInvoice).toEqual({ __typename: 'Refused', code: 'DOCUMENT_DIFFERS', path: 'input.reference', retryable: false });
  });
});
