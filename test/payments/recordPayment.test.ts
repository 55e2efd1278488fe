import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import { Payment } from '../../entities/payments/Payment';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import type { RecordPaymentInput } from '../../subgraphs/payments/api';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('recordPayment on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let references = 0;
  const input = (change: Partial<RecordPaymentInput> = {}): RecordPaymentInput => ({
    reference: `P-${++references}`,
    customerId: given.customer.id,
    legalEntityId: given.entity.id,
    amount: { amount: '50.00', currency: 'EUR' },
    receivedDate: '2026-11-20',
    applyTo: [],
    ...change,
  });
  const record = (change?: Partial<RecordPaymentInput>) => world.do(recordPayment, input(change));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterAll(() => world.close());

  test('money without an invoice stays unapplied cash of its customer', async () => {
    const payment = await record();
    expect(payment).toMatchObject({ state: 'UNAPPLIED', amountMinor: 5000n, unappliedMinor: 5000n, customerId: given.customer.id, source: 'MANUAL', version: 1 });
    expect(await rowsOf(world, Payment, { id: payment.id })).toHaveLength(1);
  });

  test.each([
    ['less than is open', '50.00', { state: 'APPLIED', unappliedMinor: 0n }, { settlement: 'PARTLY_PAID', openMinor: 7000n }],
    ['all that is open', '120.00', { state: 'APPLIED', unappliedMinor: 0n }, { settlement: 'PAID', openMinor: 0n }],
    ['more than is open', '150.00', { state: 'PARTLY_APPLIED', unappliedMinor: 3000n }, { settlement: 'PAID', openMinor: 0n }],
  ])('%s goes to the invoice named, and what is left stays unapplied', async (_case, amount, payment, paid) => {
    const invoice = await sampleInvoice(world, given, `R-${++references}`);
    expect(await record({ amount: { amount, currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }] })).toMatchObject(payment);
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]).toMatchObject(paid);
  });

  test('one payment pays several invoices in the order named, and only what was said of each', async () => {
    const [first, second] = [await sampleInvoice(world, given, 'ONE'), await sampleInvoice(world, given, 'TWO')];
    const applyTo = [{ invoiceId: first.id, amount: { amount: '20.00', currency: 'EUR' } }, { invoiceId: second.id }];
    const payment = await record({ amount: { amountMinor: '5000', currency: 'EUR' }, applyTo });
    const applications = await rowsOf(world, PaymentApplication, { paymentId: payment.id });
    expect(new Map(applications.map((item) => [item.invoiceId, item.amountMinor]))).toEqual(new Map([[first.id, 2000n], [second.id, 3000n]]));
  });

  test('an invoice named twice takes what is left of it, not twice what is open', async () => {
    const invoice = await sampleInvoice(world, given, 'TWICE');
    const half = { invoiceId: invoice.id, amount: { amount: '60.00', currency: 'EUR' } };
    const payment = await record({ amount: { amount: '200.00', currency: 'EUR' }, applyTo: [half, { invoiceId: invoice.id }] });
    expect(payment.unappliedMinor).toBe(8000n);
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]!.openMinor).toBe(0n);
  });

  test('the payment and its application are posted to billing and ERP', async () => {
    const invoice = await sampleInvoice(world, given, 'POSTED');
    const payment = await record({ applyTo: [{ invoiceId: invoice.id }] });
    const postings = await rowsOf(world, Posting, { resourceId: payment.id });
    expect(postings.map(({ kind, backend }) => `${kind}/${backend}`).sort()).toEqual([
      'application/billing', 'application/erp', 'payment/billing', 'payment/erp',
    ]);
  });

  test('the same payment again is answered as it is and nothing is written but the audit entry', async () => {
    const invoice = await sampleInvoice(world, given, 'AGAIN');
    const wanted = input({ applyTo: [{ invoiceId: invoice.id }] });
    const first = await world.do(recordPayment, wanted);
    const before = await everything(world);
    const again = await world.do(recordPayment, wanted);
    expect(again).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test.each<[string, () => Partial<RecordPaymentInput>]>([
    ['amount', () => ({ amount: { amount: '50.01', currency: 'EUR' } })],
    ['currency', () => ({ amount: { amount: '50.00', currency: 'USD' } })],
    ['customer', () => ({ customerId: otherCustomer })],
    ['legal entity', () => ({ legalEntityId: otherEntity })],
    ['day', () => ({ receivedDate: '2026-11-19' })],
    ['invoice', () => ({ applyTo: [{ invoiceId: unpaid }] })],
  ])('the same reference with another %s is refused with DOCUMENT_DIFFERS', async (_field, change) => {
    await prepareOthers();
    const wanted = input();
    await world.do(recordPayment, wanted);
    const refusal = await refusalOf(world, () => world.do(recordPayment, { ...wanted, ...change() }));
    expect(refusal).toMatchObject({ code: 'DOCUMENT_DIFFERS', path: 'input.reference', retryable: false });
  });

  let otherCustomer: string;
  let otherEntity: string;
  let unpaid: string;
  async function prepareOthers() {
    if (otherEntity) return;
    otherEntity = (await anotherEntity(world)).id;
    otherCustomer = (await anotherCustomer(world)).id;
    unpaid = (await sampleInvoice(world, given, 'UNPAID')).id;
  }

  test.each<[string, string, string, () => Partial<RecordPaymentInput>]>([
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.amount.currency', () => ({ amount: { amount: '1', currency: 'XXX' } })],
    ['lower-case currency', 'CURRENCY_UNKNOWN', 'input.amount.currency', () => ({ amount: { amount: '1', currency: 'eur' } })],
    ['too many decimals', 'AMOUNT_TOO_PRECISE', 'input.amount.amount', () => ({ amount: { amount: '1.001', currency: 'EUR' } })],
    ['decimals of a currency without any', 'AMOUNT_TOO_PRECISE', 'input.amount.amount', () => ({ amount: { amount: '1.5', currency: 'JPY' } })],
    ['no amount', 'AMOUNT_MISSING', 'input.amount', () => ({ amount: { currency: 'EUR' } })],
    ['two amounts', 'AMOUNT_MISSING', 'input.amount', () => ({ amount: { amount: '1', amountMinor: '100', currency: 'EUR' } })],
    ['an amount in words', 'AMOUNT_MALFORMED', 'input.amount.amount', () => ({ amount: { amount: '1e3', currency: 'EUR' } })],
    ['a fraction of a minor unit', 'AMOUNT_MALFORMED', 'input.amount.amountMinor', () => ({ amount: { amountMinor: '1.5', currency: 'EUR' } })],
    ['an amount beyond the limit', 'AMOUNT_TOO_LARGE', 'input.amount.amountMinor', () => ({ amount: { amountMinor: '9000000000000001', currency: 'EUR' } })],
    ['a negative amount', 'AMOUNT_NOT_POSITIVE', 'input.amount', () => ({ amount: { amount: '-1', currency: 'EUR' } })],
    ['nothing', 'AMOUNT_NOT_POSITIVE', 'input.amount', () => ({ amount: { amount: '0.00', currency: 'EUR' } })],
    ['an empty reference', 'TEXT_INVALID', 'input.reference', () => ({ reference: ' ' })],
    ['a reference with a control character', 'TEXT_INVALID', 'input.reference', () => ({ reference: 'a\u0000b' })],
    ['a reference of 192 characters', 'TEXT_INVALID', 'input.reference', () => ({ reference: 'x'.repeat(192) })],
    ['a day before the first period', 'PERIOD_BEFORE_FIRST', 'input.receivedDate', () => ({ receivedDate: '2024-12-31' })],
    ['a malformed customer', 'ID_MALFORMED', 'input.customerId', () => ({ customerId: MALFORMED_ID })],
    ['an invoice in place of the customer', 'ID_MALFORMED', 'input.customerId', () => ({ customerId: unknownId('inv') })],
    ['an unknown customer', 'NOT_FOUND', 'input.customerId', () => ({ customerId: unknownId('cus') })],
    ["another tenant's customer", 'NOT_FOUND', 'input.customerId', () => ({ customerId: foreign.customer.id })],
    ["another tenant's legal entity", 'NOT_FOUND', 'input.legalEntityId', () => ({ legalEntityId: foreign.entity.id })],
    ['a malformed legal entity', 'ID_MALFORMED', 'input.legalEntityId', () => ({ legalEntityId: MALFORMED_ID })],
    ['a malformed invoice', 'ID_MALFORMED', 'input.applyTo.0.invoiceId', () => ({ applyTo: [{ invoiceId: MALFORMED_ID }] })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => record(change()))).toMatchObject({ code, path, retryable: false });
  });

  test("an unknown invoice and another tenant's are refused alike, and the payment with them", async () => {
    const theirs = await sampleInvoice(world, foreign);
    for (const invoiceId of [unknownId('inv'), theirs.id]) {
      expect(await refusalOf(world, () => record({ applyTo: [{ invoiceId }] }))).toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  test('the public schema answers the payment, or what it was refused with', async () => {
    const mutation = `mutation($input: RecordPaymentInput!) { recordPayment(input: $input) {
      __typename ... on Payment { id state amount { amountMinor amount currency } } ... on Refused { code message path retryable } } }`;
    const { applyTo, ...wanted } = input();
    const done = await world.ask(mutation, { input: wanted });
    expect(done.data.recordPayment).toMatchObject({ __typename: 'Payment', state: 'UNAPPLIED', amount: { amountMinor: '5000', amount: '50.00', currency: 'EUR' } });
    const no = await world.ask(mutation, { input: { ...wanted, amount: { amount: '1', currency: 'ZZZ' } } });
    expect(no.data.recordPayment).toEqual({
      __typename: 'Refused', code: 'CURRENCY_UNKNOWN', message: '"ZZZ" is no ISO 4217 currency.', path: 'input.amount.currency', retryable: false,
    });
    const forbidden = await world.ask(mutation, { input: wanted }, { role: 'auditor' });
    expect(forbidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
