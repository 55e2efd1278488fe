import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import { Payment } from '../../entities/payments/Payment';
import type { ApplyPaymentInput } from '../../subgraphs/payments/api';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('applyPayment on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let count = 0;
  const pay = (amount: string, of: Sample = given, currency = 'EUR') =>
    world.do(
      recordPayment,
      { reference: `P-${++count}`, customerId: of.customer.id, legalEntityId: of.entity.id, amount: { amount, currency }, receivedDate: '2026-11-20', applyTo: [] },
      world.actor('finance', of.customer.tenantId),
    );
  const bill = (of: Sample = given) => sampleInvoice(world, of, `R-${++count}`);
  const apply = (input: ApplyPaymentInput) => world.do(applyPayment, input);

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterAll(() => world.close());

  test.each([
    ['a payment above what is open', '200.00', undefined, { amountMinor: 12000n }, { state: 'PARTLY_APPLIED', unappliedMinor: 8000n }, { settlement: 'PAID', openMinor: 0n }],
    ['a payment below what is open', '20.00', undefined, { amountMinor: 2000n }, { state: 'APPLIED', unappliedMinor: 0n }, { settlement: 'PARTLY_PAID', openMinor: 10000n }],
    ['a part of a payment', '200.00', '0.01', { amountMinor: 1n }, { state: 'PARTLY_APPLIED', unappliedMinor: 19999n }, { settlement: 'PARTLY_PAID', openMinor: 11999n }],
  ])('%s moves no more than there is and is open', async (_case, paid, amount, application, payment, invoice) => {
    const [{ id: paymentId }, { id: invoiceId }] = [await pay(paid), await bill()];
    const done = await apply({ paymentId, invoiceId, ...(amount && { amount: { amount, currency: 'EUR' } }) });
    expect(done).toMatchObject({ ...application, state: 'APPLIED', rule: 'MANUAL', evidence: 'Applied by demo-finance' });
    expect((await rowsOf(world, Payment, { id: paymentId }))[0]).toMatchObject({ ...payment, version: 2 });
    expect((await rowsOf(world, Invoice, { id: invoiceId }))[0]).toMatchObject({ ...invoice, version: 2 });
  });

  test('two applications of one payment to one invoice are two documents with ids of their own', async () => {
    const [{ id: paymentId }, { id: invoiceId }] = [await pay('100.00'), await bill()];
    const [first, second] = [await apply({ paymentId, invoiceId, amount: { amount: '1', currency: 'EUR' } }), await apply({ paymentId, invoiceId })];
    expect(second.id).not.toBe(first.id);
    const postings = (await rowsOf(world, Posting, { relatedId: invoiceId })).filter(({ kind }) => kind === 'application');
    expect(new Set(postings.map((posting) => posting.document.externalId))).toEqual(new Set([first.id, second.id]));
  });

  test('cash of a day to come is applied on that day, not before it', async () => {
    const payment = await world.do(recordPayment, {
      reference: 'LATER', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '1', currency: 'EUR' }, receivedDate: '2026-12-24', applyTo: [],
    });
    expect((await apply({ paymentId: payment.id, invoiceId: (await bill()).id })).appliedDate).toBe('2026-12-24');
  });

  test('a version that is not the payment’s is refused with VERSION_STALE', async () => {
    const [{ id: paymentId }, { id: invoiceId }] = [await pay('10.00'), await bill()];
    expect(await refusalOf(world, () => apply({ paymentId, invoiceId, expectedVersion: 7 }))).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion' });
    await apply({ paymentId, invoiceId, expectedVersion: 1 });
  });

  test.each<[string, string, (ids: ApplyPaymentInput) => Promise<Partial<ApplyPaymentInput>>]>([
    ['a malformed payment', 'ID_MALFORMED', async () => ({ paymentId: MALFORMED_ID })],
    ['a malformed invoice', 'ID_MALFORMED', async () => ({ invoiceId: MALFORMED_ID })],
    ['an unknown payment', 'NOT_FOUND', async () => ({ paymentId: unknownId('pay') })],
    ['an unknown invoice', 'NOT_FOUND', async () => ({ invoiceId: unknownId('inv') })],
    ["another tenant's payment", 'NOT_FOUND', async () => ({ paymentId: (await pay('1', foreign)).id })],
    ["another tenant's invoice", 'NOT_FOUND', async () => ({ invoiceId: (await bill(foreign)).id })],
    ['more than is unapplied', 'APPLICATION_EXCEEDS_UNAPPLIED', async () => ({ amount: { amount: '50.01', currency: 'EUR' } })],
    ['more than is open', 'APPLICATION_EXCEEDS_OPEN', async () => ({ paymentId: (await pay('500.00')).id, amount: { amount: '120.01', currency: 'EUR' } })],
    ['another currency than the payment’s', 'CURRENCY_MISMATCH', async () => ({ amount: { amount: '1', currency: 'USD' } })],
    ['an invoice in another currency', 'CURRENCY_MISMATCH', async () => ({ paymentId: (await pay('5', given, 'USD')).id })],
    ['an unknown currency', 'CURRENCY_MISMATCH', async () => ({ amount: { amount: '1', currency: 'ABC' } })],
    ['too many decimals', 'AMOUNT_TOO_PRECISE', async () => ({ amount: { amount: '0.001', currency: 'EUR' } })],
    ['a negative amount', 'AMOUNT_NOT_POSITIVE', async () => ({ amount: { amount: '-1', currency: 'EUR' } })],
    ['the invoice of another customer', 'CUSTOMER_MISMATCH', async () => ({ invoiceId: (await bill({ ...given, customer: await anotherCustomer(world) })).id })],
    ['the invoice of another legal entity', 'LEGAL_ENTITY_MISMATCH', async () => ({ invoiceId: (await bill({ ...given, entity: await anotherEntity(world) })).id })],
    ['an invoice that is paid', 'NOTHING_TO_APPLY', async ({ invoiceId }) => ({ paymentId: await paidBy(invoiceId) })],
    ['a voided invoice', 'INVOICE_VOIDED', async ({ invoiceId }) => {
      await world.do(voidInvoice, { invoiceId, reason: 'Wrong' });
      return { amount: { amount: '1', currency: 'EUR' } };
    }],
  ])('%s is refused with %s', async (_what, code, change) => {
    const ids = { paymentId: (await pay('50.00')).id, invoiceId: (await bill()).id };
    const input = { ...ids, ...(await change(ids)) };
    expect(await refusalOf(world, () => apply(input))).toMatchObject({ code, retryable: false });
  });

  async function paidBy(invoiceId: string): Promise<string> {
    await apply({ paymentId: (await pay('120.00')).id, invoiceId });
    return (await pay('9.00')).id;
  }

  test('64 clients apply 64 payments to one invoice at once: the sum is exact and never more than was open', async () => {
    const invoice = await bill();
    const payments = await Promise.all(Array.from({ length: 64 }, () => pay('2.00')));
    const results = await Promise.allSettled(payments.map(({ id }) => apply({ paymentId: id, invoiceId: invoice.id, amount: { amount: '2.00', currency: 'EUR' } })));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array(4).fill('APPLICATION_EXCEEDS_OPEN'));
    const [after] = await rowsOf(world, Invoice, { id: invoice.id });
    expect(after).toMatchObject({ openMinor: 0n, settlement: 'PAID', version: 61 });
    const left = (await rowsOf(world, Payment, { id: payments.map(({ id }) => id) })).filter((payment) => payment.state === 'UNAPPLIED');
    expect(left).toHaveLength(4);
  });
});
