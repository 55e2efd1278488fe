import { Readable } from 'node:stream';
import { camtStatement } from '../../cli/scenario/statement';
import { importBankFile } from '../../connectors/bankFiles';
import { Invoice } from '../../entities/invoices/Invoice';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { Payment } from '../../entities/payments/Payment';
import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { unapplyPayment } from '../../subgraphs/payments/commands/unapplyPayment';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, IBAN, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('unapplyPayment on %s', (database) => {
  let world: World;
  let given: Sample;
  let count = 0;

  async function applied(amount: string, of: Sample = given) {
    const actor = world.actor('finance', of.customer.tenantId);
    const invoice = await sampleInvoice(world, of, `R-${++count}`);
    const money = { amount: { amount, currency: 'EUR' } };
    const ids = { customerId: of.customer.id, legalEntityId: of.entity.id };
    const payment = await world.do(recordPayment, { reference: `P-${++count}`, ...ids, ...money, receivedDate: '2026-11-20', applyTo: [] }, actor);
    const application = await world.do(applyPayment, { paymentId: payment.id, invoiceId: invoice.id }, actor);
    return { invoice, payment, application };
  }

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test.each([
    ['in part', '50.00', { unappliedMinor: 5000n, state: 'UNAPPLIED' }],
    ['in full', '120.00', { unappliedMinor: 12000n, state: 'UNAPPLIED' }],
    ['with some left over', '130.00', { unappliedMinor: 13000n, state: 'UNAPPLIED' }],
  ])('what had been paid %s is open again and the cash unapplied', async (_case, amount, cash) => {
    const { invoice, payment, application } = await applied(amount);
    const taken = await world.do(unapplyPayment, { applicationId: application.id, expectedVersion: 1 });
    expect(taken).toMatchObject({ state: 'UNAPPLIED', version: 2 });
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]).toMatchObject({ openMinor: 12000n, settlement: 'UNPAID', version: 3 });
    expect((await rowsOf(world, Payment, { id: payment.id }))[0]).toMatchObject({ ...cash, version: 3 });
  });

  test('of two applications the other one stays', async () => {
    const { invoice, payment, application } = await applied('50.00');
    const second = await applied('20.00');
    await world.do(applyPayment, { paymentId: second.payment.id, invoiceId: invoice.id }).catch(() => undefined);
    await world.do(unapplyPayment, { applicationId: application.id });
    const again = await world.do(applyPayment, { paymentId: payment.id, invoiceId: invoice.id, amount: { amount: '30.00', currency: 'EUR' } });
    await world.do(unapplyPayment, { applicationId: again.id });
    expect(again.id).not.toBe(application.id);
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]!.openMinor).toBe(12000n);
    expect((await rowsOf(world, Invoice, { id: second.invoice.id }))[0]!.openMinor).toBe(10000n);
  });

  test('the reversal names the application it reverses and is posted after it', async () => {
    const { invoice, application } = await applied('50.00');
    await world.settles();
    await world.do(unapplyPayment, { applicationId: application.id });
    const postings = await rowsOf(world, Posting, { relatedId: invoice.id, kind: 'unapplication' });
    expect(postings.map(({ backend }) => backend).sort()).toEqual(['billing', 'erp']);
    expect(postings[0]!.document.body).toMatchObject({ applicationId: application.id, amountMinor: '5000' });
    await world.settles();
    const states = await rowsOf(world, Posting, { relatedId: invoice.id });
    expect(states.map(({ state }) => state)).toEqual(states.map(() => 'POSTED'));
  });

  test("cash of nobody that was applied to the wrong customer is nobody's again, with its exception, and goes to the right one", async () => {
    const [wrong, right] = [await sampleInvoice(world, given, 'WRONG'), await sampleInvoice(world, { ...given, customer: await anotherCustomer(world) }, 'RIGHT')];
    const content = camtStatement({ iban: IBAN, id: 'LOST', day: '2026-11-20', openingMinor: 0n }, [{ amountMinor: 12000n, payer: 'Somebody' }]);
    await importBankFile(world.actor(), () => Readable.from([content]));
    const [{ id: paymentId }] = (await rowsOf(world, Payment, { source: 'BANK' })) as [Payment];
    const { id: applicationId } = await world.do(applyPayment, { paymentId, invoiceId: wrong.id });
    await world.settles();
    await world.do(unapplyPayment, { applicationId });
    expect(await rowsOf(world, Payment, { id: paymentId })).toMatchObject([{ customerId: null, state: 'UNAPPLIED' }]);
    expect(await rowsOf(world, ExceptionItem, { subjectId: paymentId })).toMatchObject([{ state: 'OPEN', atRiskMinor: 12000n, customerId: null }]);
    await world.do(applyPayment, { paymentId, invoiceId: right.id });
    expect(await rowsOf(world, Payment, { id: paymentId })).toMatchObject([{ customerId: right.customerId, state: 'APPLIED' }]);
    await world.settles();
    expect((await rowsOf(world, Posting, { resourceId: paymentId })).map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
      ...Array(4).fill('application POSTED'), ...Array(2).fill('payment POSTED'), ...Array(2).fill('unapplication POSTED'),
    ]);
  });

  test('taking back twice is refused: the second time there is nothing', async () => {
    const { application } = await applied('50.00');
    await world.do(unapplyPayment, { applicationId: application.id });
    expect(await refusalOf(world, () => world.do(unapplyPayment, { applicationId: application.id }))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });

  test.each<[string, string, () => Promise<{ applicationId: string; expectedVersion?: number }>]>([
    ['a malformed id', 'ID_MALFORMED', async () => ({ applicationId: MALFORMED_ID })],
    ['an unknown id', 'NOT_FOUND', async () => ({ applicationId: unknownId('app') })],
    ["another tenant's id", 'NOT_FOUND', async () => ({ applicationId: (await applied('1', await sample(world, 'other'))).application.id })],
    ['another version', 'VERSION_STALE', async () => ({ applicationId: (await applied('1')).application.id, expectedVersion: 2 })],
  ])('%s is refused with %s', async (_what, code, input) => {
    const wanted = await input();
    expect(await refusalOf(world, () => world.do(unapplyPayment, wanted))).toMatchObject({ code, retryable: false });
  });
});
