import type { Answer } from '../../connectors/connector';
import type { Invoice } from '../../entities/invoices/Invoice';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Lane } from '../../entities/operations/Lane';
import { Posting } from '../../entities/operations/Posting';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { settlePostings } from '../../subgraphs/operations/commands/settlePostings';
import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { unapplyPayment } from '../../subgraphs/payments/commands/unapplyPayment';
import { claimLanes } from '../../sync/claims';
import { Outcome, type Settlement } from '../../sync/settlement';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { rejectedInvoice } from './given';

describe.each(DATABASES)('supersession on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
  });
  afterEach(() => world.close());

  const erpFails = (fault: Record<string, unknown>) => world.sandbox!.faults.set({ backend: 'erp', ...fault } as never);
  const annul = (invoice: Pick<Invoice, 'id'>) => world.do(voidInvoice, { invoiceId: invoice.id, reason: 'Wrong customer' });
  const of = async (about: Partial<Record<keyof Posting, unknown>>) => (await rowsOf(world, Posting, about)).sort((a, b) => a.sequence - b.sequence);
  /** What became of a resource's documents at a backend, in their order: `invoice SUPERSEDED REJECTED`. */
  const fates = async (id: string, backend: string) =>
    (await of({ resourceId: id, backend })).map(({ kind, state, supersededReason }) => [kind, state, supersededReason].filter(Boolean).join(' '));
  const inBooks = async (backend: string, kind: string) =>
    (await world.audit<{ rows: { kind: string }[] }>(`/${backend}/documents?tenant=demo`)).rows.filter((row) => row.kind === kind).length;
  /** Somebody else works the lane of the customer's invoices. */
  const claim = async (): Promise<Settlement> => {
    const wanted = [{ channel: { name: 'erp/demo/DE01', tenantId: 'demo', dueMs: 0 }, lanes: 1 }];
    const { lanes: [lane] } = await world.database.transaction((sql) => claimLanes(sql, { owner: 'another', nowMs: world.clock.nowMs(), leaseMs: 60_000, probeMs: 2_000, wanted }));
    return { lane: lane!, owner: 'another', outcomes: [], retryInMs: null, rest: 'WAITING' };
  };
  /** What somebody else was told of a resource's first document, and the lane given back. */
  const told = async (claimed: Settlement, resourceId: string, answer: Answer) => {
    const [first] = await of({ resourceId, backend: 'erp' });
    const settlement = { ...claimed, outcomes: [new Outcome(first!, answer)], retryInMs: answer.outcome === 'UNCERTAIN' ? 1 : null };
    expect(await world.do(settlePostings, { settlements: [settlement] }, world.actor('ops'))).toEqual({ lost: [] });
  };
  const NO: Answer = { outcome: 'REJECTED', code: 'NO', message: 'no' };
  const DOUBT: Answer = { outcome: 'UNCERTAIN', sent: true, code: 'X', message: 'no answer' };
  const bothGone = (reason: string) => [`invoice SUPERSEDED ${reason}`, 'invoiceVoid SUPERSEDED NOTHING_TO_UNDO'];

  test('a void of an invoice that the ERP refused: billing gets both, the ERP neither, and the exception is resolved', async () => {
    const { invoice, item } = await rejectedInvoice(world, given, 'R-1');
    await annul(invoice);
    expect(await fates(invoice.id, 'erp')).toEqual(bothGone('REJECTED'));
    expect((await rowsOf(world, ExceptionItem, { id: item.id }))[0]).toMatchObject({ state: 'RESOLVED', resolution: 'Taken back by the invoiceVoid' });
    await world.settles();
    expect(await fates(invoice.id, 'billing')).toEqual(['invoice POSTED', 'invoiceVoid POSTED']);
    expect(await Promise.all([inBooks('erp', 'invoice'), inBooks('erp', 'invoiceVoid'), inBooks('billing', 'invoiceVoid')])).toEqual([0, 0, 1]);
    const [refused, reversal] = await of({ resourceId: invoice.id, backend: 'erp' });
    expect(refused).toMatchObject({ supersededBy: reversal!.id, errorCode: 'SANDBOX_REJECTS' });
    expect(reversal).toMatchObject({ supersededBy: refused!.id, undoes: refused!.id, attempts: 0 });
    expect((await world.told()).filter((type) => type === 'posting.superseded')).toHaveLength(2);
  });

  test('an invoice that is voided before it was sent goes nowhere, and neither does its void', async () => {
    const invoice = await sampleInvoice(world, given);
    await annul(invoice);
    for (const backend of ['erp', 'billing']) expect(await fates(invoice.id, backend)).toEqual(bothGone('NEVER_SENT'));
    await world.settles();
    expect(await inBooks('erp', 'invoice')).toBe(0);
    const { data } = await world.ask('query($id: ID!) { invoice(id: $id) { state sync { state erp billing heldBy } } }', { id: invoice.id });
    expect(data.invoice).toEqual({ state: 'VOIDED', sync: { state: 'IN_SYNC', erp: 'IN_SYNC', billing: 'IN_SYNC', heldBy: [] } });
  });

  test('what may be on its way, or is uncertain, goes first, and its void after it', async () => {
    const [first, unsure] = [await sampleInvoice(world, given, 'R-1'), await sampleInvoice(world, given, 'R-2')];
    const lane = await claim();
    await annul(first);
    expect(await fates(first.id, 'erp')).toEqual(['invoice PENDING', 'invoiceVoid PENDING']);
    expect(await fates(first.id, 'billing')).toEqual(bothGone('NEVER_SENT'));
    await told(lane, unsure.id, DOUBT);
    await annul(unsure);
    expect(await fates(unsure.id, 'erp')).toEqual(['invoice UNCERTAIN', 'invoiceVoid PENDING']);
    world.clock.travelTo('2026-11-24T10:00:00Z');
    await world.settles();
    for (const { id } of [first, unsure]) expect(await fates(id, 'erp')).toEqual(['invoice POSTED', 'invoiceVoid POSTED']);
  });

  test('an invoice that is refused after it was voided raises no exception, and its void is not sent', async () => {
    const invoice = await sampleInvoice(world, given);
    const claimed = await claim();
    await annul(invoice);
    await told(claimed, invoice.id, NO);
    expect(await fates(invoice.id, 'erp')).toEqual(bothGone('REJECTED'));
    expect(await rowsOf(world, ExceptionItem)).toEqual([]);
    expect((await rowsOf(world, Lane, { id: claimed.lane.id }))[0]!.owner).toBeNull();
  });

  test('a void that a takeover of its lane made doubtful goes with the refused invoice all the same', async () => {
    const invoice = await sampleInvoice(world, given);
    await claim();
    await annul(invoice);
    world.clock.travelTo('2026-11-24T10:00:00Z');
    erpFails({ fault: 'reject', match: 'invoice' });
    await world.settles();
    expect(await fates(invoice.id, 'erp')).toEqual(bothGone('REJECTED'));
  });

  test('what is superseded is not sent again by hand', async () => {
    const { invoice, posting } = await rejectedInvoice(world, given, 'R-1');
    await annul(invoice);
    expect(await refusalOf(world, () => world.do(retryPosting, { postingId: posting.id }))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });

  const paid = (invoice: Invoice) =>
    world.do(recordPayment, {
      reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '120.00', currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }],
    });
  const unapply = async (invoice: Invoice) => {
    const [application] = await rowsOf(world, PaymentApplication, { invoiceId: invoice.id, state: 'APPLIED' });
    return world.do(unapplyPayment, { applicationId: application!.id });
  };

  test('cash that waits for a refused invoice and is taken back: the ERP gets only the payment', async () => {
    const { invoice } = await rejectedInvoice(world, given, 'R-1');
    const payment = await paid(invoice);
    await world.settles();
    await unapply(invoice);
    await annul(invoice);
    await world.settles();
    expect(await fates(payment.id, 'erp')).toEqual(['payment POSTED', 'application SUPERSEDED NEVER_SENT', 'unapplication SUPERSEDED NOTHING_TO_UNDO']);
    expect(await fates(payment.id, 'billing')).toEqual(['payment POSTED', 'application POSTED', 'unapplication POSTED']);
    expect(await world.audit('/erp/open-items?tenant=demo')).toMatchObject([{ item: payment.id, openMinor: '-12000' }]);
    expect(await rowsOf(world, ExceptionItem, { state: 'OPEN' })).toEqual([]);
  });

  test('what waited for a superseded document and is itself taken back goes with it, also if its lane was claimed when that was done', async () => {
    const invoice = await sampleInvoice(world, given);
    const payment = await paid(invoice);
    const claimed = await claim();
    await unapply(invoice);
    await annul(invoice);
    expect(await fates(payment.id, 'erp')).toEqual(['payment PENDING', 'application PENDING', 'unapplication PENDING']);
    await told(claimed, invoice.id, NO);
    await world.settles();
    expect(await fates(payment.id, 'erp')).toEqual(['payment POSTED', 'application SUPERSEDED NEVER_SENT', 'unapplication SUPERSEDED NOTHING_TO_UNDO']);
  });

  test('cash that is applied again goes out although its first application never did', async () => {
    const invoice = await sampleInvoice(world, given);
    const payment = await paid(invoice);
    await unapply(invoice);
    await world.do(applyPayment, { paymentId: payment.id, invoiceId: invoice.id });
    await world.settles();
    const gone = ['application SUPERSEDED NEVER_SENT', 'unapplication SUPERSEDED NOTHING_TO_UNDO'];
    expect(await fates(payment.id, 'erp')).toEqual(['payment POSTED', ...gone, 'application POSTED']);
    expect(await world.audit('/erp/open-items?tenant=demo')).toEqual([]);
  });

  test('a credit of an invoice that the ERP refused waits for it visibly, and goes once the invoice is in the books', async () => {
    const { invoice, posting } = await rejectedInvoice(world, given, 'R-1');
    const memo = await world.do(creditInvoice, { reference: 'K-1', invoiceId: invoice.id, reason: 'All', lines: [{ lineId: 'line-1', quantity: '1' }] });
    await world.settles();
    const held = async () => (await world.ask('query($id: ID!) { node(id: $id) { ... on CreditMemo { sync { state erp heldBy } } } }', { id: memo.id })).data.node.sync;
    expect(await held()).toEqual({ state: 'PENDING', erp: 'PENDING', heldBy: [posting.id] });
    await world.do(retryPosting, { postingId: posting.id });
    await world.settles();
    expect(await held()).toEqual({ state: 'IN_SYNC', erp: 'IN_SYNC', heldBy: [] });
    expect(await world.audit('/erp/open-items?tenant=demo')).toEqual([]);
  });

  describe('versions of a customer', () => {
    const write = (name: string) => world.do(upsertCustomer, { system: 'crm', key: 'K', name, currency: 'EUR' });
    const versions = async (id: string) => (await of({ resourceId: id, backend: 'erp' })).map(({ state, supersededReason }) => [state, supersededReason].filter(Boolean).join(' '));

    test('two that were refused give way to the third, which says so in their lineage', async () => {
      erpFails({ fault: 'reject', match: 'customer', count: 2 });
      const { id } = await write('One');
      await write('Two');
      await world.settles();
      expect(await versions(id)).toEqual(['REJECTED', 'REJECTED']);
      await write('Three');
      await world.settles();
      expect(await versions(id)).toEqual(['SUPERSEDED LATER_VERSION', 'SUPERSEDED LATER_VERSION', 'POSTED']);
      const [one, two, three] = await of({ resourceId: id, backend: 'erp' });
      expect([one!.supersededBy, two!.supersededBy, three!.supersededBy]).toEqual([three!.id, three!.id, null]);
      expect(await rowsOf(world, ExceptionItem, { state: 'OPEN' })).toEqual([]);
    });

    test('a third that comes before the second was sent leaves the order as it is', async () => {
      const { id } = await write('One');
      await world.settles();
      await write('Two');
      await write('Three');
      await world.settles();
      expect(await versions(id)).toEqual(['POSTED', 'POSTED', 'POSTED']);
      expect((await world.audit<{ rows: { externalId: string; version: number }[] }>('/erp/documents?tenant=demo')).rows.find((row) => row.externalId === id)).toMatchObject({ version: 3 });
    });

    test('a second that is refused while the third is posted is superseded, and needs nobody', async () => {
      const { id } = await write('One');
      await world.settles();
      await write('Two');
      await write('Three');
      erpFails({ fault: 'reject', match: 'customer', count: 1 });
      await world.settles();
      expect(await versions(id)).toEqual(['POSTED', 'SUPERSEDED LATER_VERSION', 'POSTED']);
      expect(await rowsOf(world, ExceptionItem, { state: 'OPEN' })).toEqual([]);
    });

    test('a second that is sent again after the third is in the books goes nowhere', async () => {
      const { id } = await write('One');
      await write('Two');
      erpFails({ fault: 'reject', match: 'customer', count: 1 });
      await world.settles();
      const [one] = await of({ resourceId: id, backend: 'erp' });
      expect(await refusalOf(world, () => world.do(retryPosting, { postingId: one!.id }))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
    });
  });
});
