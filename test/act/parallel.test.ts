import { Invoice } from '../../entities/invoices/Invoice';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { Refusal } from '../../entities/refusal';
import { selectRows } from '../../entities/rows';
import { perform } from '../../subgraphs/act';
import type { Domain } from '../../subgraphs/domain';
import { createEngine } from '../../subgraphs/engine';
import { invoiceReopened } from '../../subgraphs/invoices/events';
import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import type { Work } from '../../subgraphs/work';
import { DATABASES } from '../harness/databases';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { needs } from '../harness/services';
import { World } from '../harness/world';

const PAYMENTS = 64;

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const euro = (amount: string) => ({ amount, currency: 'EUR' });
  const pay = (reference: string, amount: string, applyTo: { invoiceId: string }[] = []) =>
    world.do(recordPayment, { reference, customerId: given.customer.id, legalEntityId: given.entity.id, amount: euro(amount), applyTo });
  const applied = async () => (await selectRows(world.database.reads, PaymentApplication, { where: { tenantId: 'demo' } })).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const now = async (id: string) => (await selectRows(world.database.reads, Invoice, { where: { tenantId: 'demo', id } }))[0]!;
  const codeOf = (error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    return error.code;
  };

  test(`${PAYMENTS} payments applied at once to one invoice pay exactly what is open, and it never goes below nothing`, async () => {
    const invoice = await sampleInvoice(world, given, 'R-1', '25.00'); // 30.00 with tax
    const payments = [];
    for (let index = 0; index < PAYMENTS; index++) payments.push(await pay(`P-${index}`, '1.00'));
    const apply = (paymentId: string) => world.do(applyPayment, { paymentId, invoiceId: invoice.id, amount: euro('1.00') });
    const codes = await Promise.all(payments.map(({ id }) => apply(id).then(() => 'APPLIED', codeOf)));
    expect(codes.filter((code) => code === 'APPLIED')).toHaveLength(30);
    expect(new Set(codes)).toEqual(new Set(['APPLIED', 'APPLICATION_EXCEEDS_OPEN']));
    expect(await applied()).toBe(3_000n);
    expect(await now(invoice.id)).toMatchObject({ openMinor: 0n, settlement: 'PAID', version: 31 });
  });

  test('one payment applied at once to many invoices is spent once', async () => {
    const invoices = [];
    for (let index = 0; index < 16; index++) invoices.push(await sampleInvoice(world, given, `R-${index}`, '10.00'));
    const payment = await pay('P-1', '60.00');
    const codes = await Promise.all(
      invoices.map(({ id }) => world.do(applyPayment, { paymentId: payment.id, invoiceId: id, amount: euro('12.00') }).then(() => 'APPLIED', codeOf)),
    );
    expect(codes.filter((code) => code === 'APPLIED')).toHaveLength(5);
    expect(await applied()).toBe(6_000n);
  });

  test('invoices issued at once have numbers without a gap and without a double', async () => {
    const invoices = await Promise.all(Array.from({ length: 32 }, (_, index) => sampleInvoice(world, given, `R-${index}`)));
    const wanted = Array.from({ length: 32 }, (_, index) => `INV-DE01-2026-${String(index + 1).padStart(6, '0')}`);
    expect(invoices.map(({ number }) => number).sort()).toEqual(wanted);
  });

  test('payments that name two invoices in opposite order all go through', async () => {
    const [a, b] = [await sampleInvoice(world, given, 'R-1'), await sampleInvoice(world, given, 'R-2')];
    const there = [{ invoiceId: a.id, amount: euro('1.00') }, { invoiceId: b.id, amount: euro('1.00') }];
    await Promise.all(Array.from({ length: 10 }, (_, index) => pay(`P-${index}`, '2.00', index % 2 ? there : [...there].reverse())));
    expect([(await now(a.id)).openMinor, (await now(b.id)).openMinor]).toEqual([11_000n, 11_000n]);
  });
});

const testMysql = needs('mysql') ? test : test.skip;

testMysql('two acts that lock two invoices in opposite order meet in a deadlock, and both succeed', async () => {
  const world = await World.open({ database: 'mysql' });
  const given = await sample(world);
  const [a, b] = [await sampleInvoice(world, given, 'R-1'), await sampleInvoice(world, given, 'R-2')];
  let runs = 0;
  let release: () => void;
  const bothHoldOne = new Promise<void>((resolve) => (release = resolve));
  async function touchBoth(work: Work, ids: string[]): Promise<void> {
    const first = await work.lock(Invoice, ids[0]!);
    if (++runs === 2) release();
    await bothHoldOne;
    for (const invoice of [first, await work.lock(Invoice, ids[1]!)]) {
      work.change(invoice);
      const { number, customerId, legalEntityId, currency } = invoice;
      work.tell(invoiceReopened(invoice, { number, customerId, legalEntityId, currency, totalMinor: '0', openMinor: '0' } as never));
    }
  }
  const only = { name: 'invoices', resolvers: [], orphanedTypes: [], references: {}, commands: [touchBoth], events: [], reactions: [] } as unknown as Domain;
  const actor = { ...world.actor(), engine: createEngine(world.database, world.clock, [only]) };
  await Promise.all([perform(actor, touchBoth, [a.id, b.id]), perform(actor, touchBoth, [b.id, a.id])]);
  expect(runs).toBeGreaterThan(2);
  const after = await selectRows(world.database.reads, Invoice, { where: { tenantId: 'demo' } });
  expect(after.map(({ version }) => version)).toEqual([3, 3]);
  await world.close();
});
