import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import type { CreditInvoiceInput } from '../../subgraphs/invoices/api';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('creditInvoice on %s', (database) => {
  let world: World;
  let given: Sample;
  let count = 0;

  /** An invoice of `quantity` seats at `price`. */
  const bill = (quantity = '3', price = '100.00') =>
    world.do(issueInvoice, {
      reference: `R-${++count}`,
      customerId: given.customer.id,
      legalEntityId: given.entity.id,
      invoiceDate: '2026-11-01',
      lines: [{ productId: given.product.id, quantity, unitPrice: { amount: price, currency: 'EUR' } }],
    });
  const input = (invoiceId: string, change: Partial<CreditInvoiceInput> = {}): CreditInvoiceInput => ({
    reference: `K-${++count}`, invoiceId, reason: 'Unused', lines: [{ lineId: 'line-1', quantity: '1' }], ...change,
  });
  const credit = (invoiceId: string, change?: Partial<CreditInvoiceInput>) => world.do(creditInvoice, input(invoiceId, change));
  const now = async (id: string) => (await rowsOf(world, Invoice, { id }))[0]!;
  const pay = (invoiceId: string, amount: string) =>
    world.do(recordPayment, {
      reference: `P-${++count}`, customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount, currency: 'EUR' }, applyTo: [{ invoiceId }],
    });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test('a memo takes back units with their tax, names the line, lowers what is open and is posted after the invoice', async () => {
    const invoice = await bill();
    const memo = await credit(invoice.id, { expectedVersion: 1 });
    expect(memo).toMatchObject({ version: 1, netMinor: 10000n, taxMinor: 2000n, totalMinor: 12000n, creditDate: '2026-11-24' });
    expect(memo.lines[0]).toMatchObject({ ofLineId: 'line-1', lineId: 'credit-1', quantity: '1' });
    expect(memo.number).toMatch(/^CRN-DE01-2026-\d{6}$/);
    expect(await now(invoice.id)).toMatchObject({ version: 2, openMinor: 24000n, creditedMinor: 12000n, settlement: 'PARTLY_PAID', state: 'ISSUED' });
    expect((await rowsOf(world, Posting, { resourceId: memo.id })).map(({ backend }) => backend).sort()).toEqual(['billing', 'erp']);
    await world.settles();
    expect((await rowsOf(world, Posting, { resourceId: memo.id })).map(({ state }) => state)).toEqual(['POSTED', 'POSTED']);
  });

  test.each([
    ['0.33', '3'],
    ['0.99', '7'],
    ['0.01', '9'],
    ['12.34', '11'],
  ])('an invoice at %s a unit that is credited unit by unit, %s times, is settled to the last cent', async (price, quantity) => {
    const invoice = await bill(quantity, price);
    const taxes: bigint[] = [];
    for (let unit = 0; unit < Number(quantity); unit++) taxes.push((await credit(invoice.id)).taxMinor);
    expect(await now(invoice.id)).toMatchObject({ openMinor: 0n, creditedMinor: invoice.totalMinor, settlement: 'PAID' });
    expect(taxes.reduce((sum, tax) => sum + tax, 0n)).toBe(invoice.taxMinor);
  });

  test('a memo may name a line twice, and each part comes back with its own share of the tax', async () => {
    const invoice = await bill('2', '10.00');
    const memo = await credit(invoice.id, { lines: [{ lineId: 'line-1', quantity: '1' }, { lineId: 'line-1', quantity: '1' }] });
    expect(memo.lineItems.map(({ lineId, netMinor, taxMinor }) => [lineId, netMinor, taxMinor])).toEqual([['credit-1', '1000', '200'], ['credit-2', '1000', '200']]);
    expect(await rowsOf(world, CreditMemo, { invoiceId: invoice.id })).toHaveLength(1);
  });

  test('the same memo again is answered as it is, also when it carries the version from before it', async () => {
    const invoice = await bill();
    const wanted = input(invoice.id, { expectedVersion: 1 });
    const first = await world.do(creditInvoice, wanted);
    const before = await everything(world);
    expect(await world.do(creditInvoice, wanted)).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test.each<[string, () => Promise<Partial<CreditInvoiceInput>>]>([
    ['invoice', async () => ({ invoiceId: (await bill()).id })],
    ['quantity', async () => ({ lines: [{ lineId: 'line-1', quantity: '2' }] })],
    ['reason', async () => ({ reason: 'Damaged' })],
    ['day', async () => ({ creditDate: '2026-11-23' })],
  ])('the same reference with another %s is refused with DOCUMENT_DIFFERS', async (_field, change) => {
    const wanted = input((await bill()).id);
    await world.do(creditInvoice, wanted);
    const other = { ...wanted, ...(await change()) };
    expect(await refusalOf(world, () => world.do(creditInvoice, other))).toMatchObject({ code: 'DOCUMENT_DIFFERS', path: 'input.reference' });
  });

  test.each<[string, string, string, (invoiceId: string) => Promise<Partial<CreditInvoiceInput>>]>([
    ['a stale version', 'VERSION_STALE', 'expectedVersion', async () => ({ expectedVersion: 4 })],
    ['a malformed id', 'ID_MALFORMED', 'input.invoiceId', async () => ({ invoiceId: MALFORMED_ID })],
    ['an unknown id', 'NOT_FOUND', 'id', async () => ({ invoiceId: unknownId('inv') })],
    ["another tenant's invoice", 'NOT_FOUND', 'id', async () => ({ invoiceId: (await sampleInvoice(world, await sample(world, 'other'))).id })],
    ['a memo without lines', 'LINES_MISSING', 'input.lines', async () => ({ lines: [] })],
    ['an unknown line', 'LINE_UNKNOWN', 'input.lines.0.lineId', async () => ({ lines: [{ lineId: 'line-2', quantity: '1' }] })],
    ['more units than the line has', 'CREDIT_EXCEEDS_LINE', 'input.lines.0.quantity', async () => ({ lines: [{ lineId: 'line-1', quantity: '4' }] })],
    ['more units than are left', 'CREDIT_EXCEEDS_LINE', 'input.lines.0.quantity', async (id) => {
      await credit(id, { lines: [{ lineId: 'line-1', quantity: '2' }] });
      return { lines: [{ lineId: 'line-1', quantity: '2' }] };
    }],
    ['a line twice beyond its units', 'CREDIT_EXCEEDS_LINE', 'input.lines.1.quantity', async () => ({ lines: [{ lineId: 'line-1', quantity: '2' }, { lineId: 'line-1', quantity: '2' }] })],
    ['a line of no units', 'QUANTITY_INVALID', 'input.lines.0.quantity', async () => ({ lines: [{ lineId: 'line-1', quantity: '0' }] })],
    ['a day before the invoice', 'PERIOD_BEFORE_FIRST', 'input.creditDate', async () => ({ creditDate: '2026-10-31' })],
    ['a memo without a reason', 'TEXT_INVALID', 'input.reason', async () => ({ reason: '' })],
    ['a memo without a reference', 'TEXT_INVALID', 'input.reference', async () => ({ reference: '' })],
    ['more than is open', 'CREDIT_EXCEEDS_OPEN', 'input.lines', async (id) => {
      await pay(id, '300.00');
      return {};
    }],
    ['a voided invoice', 'MOVE_NOT_ALLOWED', '', async (invoiceId) => {
      await world.do(voidInvoice, { invoiceId, reason: 'Wrong' });
      return {};
    }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const { id } = await bill();
    const wanted = await change(id);
    expect(await refusalOf(world, () => credit(id, wanted))).toMatchObject({ code, path, retryable: false });
  });

  test('of ten memos for the same three units at once, three are made', async () => {
    const invoice = await bill();
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => credit(invoice.id)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await now(invoice.id)).toMatchObject({ openMinor: 0n, creditedMinor: 36000n });
  });
});
