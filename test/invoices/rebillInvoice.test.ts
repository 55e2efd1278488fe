import { BilledItem } from '../../entities/invoices/BilledItem';
import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import type { RebillInvoiceInput } from '../../subgraphs/invoices/api';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { rebillInvoice } from '../../subgraphs/invoices/commands/rebillInvoice';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('rebillInvoice on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const rebill = (invoiceId: string, change: Partial<RebillInvoiceInput> = {}) => world.do(rebillInvoice, { invoiceId, reason: 'Wrong price', ...change });
  const contract = () => world.do(createContract, {
    number: 'C-R', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01',
    lines: [{ productId: given.product.id, quantity: '10', unitPrice: EUR('30.00') }],
  });

  test('an invoice is voided and another takes its place, with other lines', async () => {
    const original = await sampleInvoice(world, given, 'R-1', '100.00');
    const done = await rebill(original.id, { expectedVersion: 1, lines: [{ productId: given.product.id, quantity: '2', unitPrice: EUR('45.00') }] });
    expect(done).toMatchObject({ reference: 'R-1/rebill', rebillsId: original.id, state: 'ISSUED', netMinor: 9_000n, taxMinor: 1_800n, invoiceDate: '2026-11-24' });
    expect((await rowsOf(world, Invoice, { id: original.id }))[0]).toMatchObject({ state: 'VOIDED', settlement: 'VOIDED' });
    await world.settles();
    const postings = await rowsOf(world, Posting, { backend: 'erp' });
    expect(postings.filter(({ kind }) => /invoice/i.test(kind)).map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(['invoice POSTED', 'invoice SUPERSEDED', 'invoiceVoid SUPERSEDED']); // the original never went out
    const { data } = await world.ask('query($id: ID!) { invoice(id: $id) { rebills { number state } } }', { id: done.id });
    expect(data.invoice.rebills).toEqual({ number: original.number, state: 'VOIDED' });
  });

  test('without lines it has its own, at the taxes of today', async () => {
    const original = await sampleInvoice(world, given, 'R-1', '100.00');
    const { key, name, revenueAccount, taxCode } = given.product;
    await world.do(upsertProduct, { key, name, revenueAccount, taxCode, taxRatePercent: '7' });
    expect(await rebill(original.id)).toMatchObject({ netMinor: 10_000n, taxMinor: 700n, lineItems: [{ description: 'Seat', quantity: '1' }] });
  });

  test('an invoice of the billing run is billed anew by what its contract says now', async () => {
    const { id: contractId } = await contract();
    const { invoiceIds } = await world.do(billContract, { contractId });
    await world.do(amendContract, { contractId, reason: 'Cheaper from the beginning', effectiveDate: '2026-01-01', lines: [{ productId: given.product.id, quantity: '10', unitPrice: EUR('20.00') }] });
    const done = await rebill(invoiceIds[0]!);
    expect(done).toMatchObject({ rebillsId: invoiceIds[0], contractId, netMinor: 20_000n });
    expect((await rowsOf(world, BilledItem)).map(({ amountMinor }) => amountMinor).sort()).toEqual([-30_000n, 20_000n, 30_000n]);
    expect(await world.do(billContract, { contractId })).toMatchObject({ invoiceIds: [], creditMemoIds: [] });
  });

  test('what is owed no longer, lines beside the contract, and what was credited are refused', async () => {
    const { id: contractId } = await contract();
    const { invoiceIds } = await world.do(billContract, { contractId });
    const line = { productId: given.product.id, quantity: '1', unitPrice: EUR('1.00') };
    expect(await refusalOf(world, () => rebill(invoiceIds[0]!, { lines: [line] }))).toMatchObject({ code: 'LINES_BY_CONTRACT', path: 'input.lines' });
    await world.do(cancelContract, { contractId, reason: 'Never began', effectiveDate: '2026-01-01' });
    expect(await refusalOf(world, () => rebill(invoiceIds[0]!))).toMatchObject({ code: 'NOTHING_TO_REBILL', path: 'input.invoiceId' });
    const credited = await sampleInvoice(world, given, 'R-2', '100.00');
    await world.do(creditInvoice, { invoiceId: credited.id, reference: 'K-1', reason: 'Less', lines: [{ lineId: 'line-1', quantity: '1' }] });
    expect(await refusalOf(world, () => rebill(credited.id))).toMatchObject({ code: 'INVOICE_SETTLED', path: 'input.invoiceId' });
  });

  test.each<[string, string, string, string, Partial<RebillInvoiceInput>]>([
    ['a malformed id', 'ID_MALFORMED', 'input.invoiceId', MALFORMED_ID, {}],
    ['an unknown id', 'NOT_FOUND', 'input.invoiceId', unknownId('inv'), {}],
    ['no reason', 'TEXT_INVALID', 'input.reason', '', { reason: ' ' }],
    ['a stale version', 'VERSION_STALE', 'expectedVersion', '', { expectedVersion: 7 }],
    ['no line', 'LINES_MISSING', 'input.lines', '', { lines: [] }],
  ])('%s is refused with %s at %s', async (_what, code, path, id, change) => {
    const original = await sampleInvoice(world, given, 'R-1', '100.00');
    expect(await refusalOf(world, () => rebill(id || original.id, change))).toMatchObject({ code, path });
  });
});
