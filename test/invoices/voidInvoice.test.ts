import { Posting } from '../../entities/operations/Posting';
import type { VoidInvoiceInput } from '../../subgraphs/invoices/api';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('voidInvoice on %s', (database) => {
  let world: World;
  let given: Sample;
  let count = 0;
  const bill = (of: Sample = given) => sampleInvoice(world, of, `R-${++count}`);
  const reverse = (invoiceId: string, change: Partial<VoidInvoiceInput> = {}) => world.do(voidInvoice, { invoiceId, reason: 'Wrong customer', ...change });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test('nothing is open any more, and backends get a reversal that names the invoice, after it', async () => {
    const invoice = await bill();
    await world.settles();
    expect(await reverse(invoice.id, { expectedVersion: 1 })).toMatchObject({ state: 'VOIDED', settlement: 'VOIDED', openMinor: 0n, totalMinor: 12000n, version: 2 });
    const reversals = await rowsOf(world, Posting, { resourceId: invoice.id, kind: 'invoiceVoid' });
    expect(reversals.map(({ backend }) => backend).sort()).toEqual(['billing', 'erp']);
    expect(reversals[0]!.document.body).toMatchObject({ invoiceId: invoice.id, invoiceNumber: invoice.number, totalMinor: '12000', reason: 'Wrong customer' });
    await world.settles();
    expect((await rowsOf(world, Posting, { resourceId: invoice.id })).map(({ state }) => state)).toEqual(Array(4).fill('POSTED'));
  });

  test('an invoice of a day to come is reversed on that day, not before it', async () => {
    world.clock.travelTo('2026-10-01T09:00:00Z');
    const invoice = await bill();
    await reverse(invoice.id);
    const [reversal] = await rowsOf(world, Posting, { resourceId: invoice.id, kind: 'invoiceVoid' });
    expect(reversal!.document.body).toMatchObject({ invoiceDate: '2026-11-01' });
    world.clock.travelTo('2026-11-24T09:00:00Z');
  });

  const paidInPart = async () => {
    const { id } = await bill();
    await world.do(recordPayment, {
      reference: `P-${++count}`, customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '1', currency: 'EUR' }, applyTo: [{ invoiceId: id }],
    });
    return id;
  };
  const credited = async () => {
    const { id } = await bill();
    await world.do(creditInvoice, { reference: `K-${++count}`, invoiceId: id, reason: 'All', lines: [{ lineId: 'line-1', quantity: '1' }] });
    return id;
  };

  test.each<[string, string, () => Promise<Partial<VoidInvoiceInput>>]>([
    ['a stale version', 'VERSION_STALE', async () => ({ expectedVersion: 2 })],
    ['a malformed id', 'ID_MALFORMED', async () => ({ invoiceId: MALFORMED_ID })],
    ['an unknown id', 'NOT_FOUND', async () => ({ invoiceId: unknownId('inv') })],
    ["another tenant's invoice", 'NOT_FOUND', async () => ({ invoiceId: (await bill(await sample(world, 'other'))).id })],
    ['an invoice paid in part', 'INVOICE_SETTLED', async () => ({ invoiceId: await paidInPart() })],
    ['a credited invoice', 'INVOICE_SETTLED', async () => ({ invoiceId: await credited() })],
    ['a voided invoice', 'MOVE_NOT_ALLOWED', async () => ({ invoiceId: (await reverse((await bill()).id)).id })],
    ['a void without a reason', 'TEXT_INVALID', async () => ({ reason: '' })],
  ])('%s is refused with %s', async (_what, code, change) => {
    const { id } = await bill();
    const wanted = await change();
    expect(await refusalOf(world, () => reverse(id, wanted))).toMatchObject({ code, retryable: false });
  });
});
