import type { Sandbox } from '../../connectors/sandbox/server';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

interface Listed {
  rows: { externalId: string; count: number }[];
}

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
  });
  afterEach(() => world.close());

  const faults = (sandbox: Sandbox, fault: Record<string, unknown>) => sandbox.faults.set({ backend: 'erp', ...fault } as never);
  const statusOf = async (id: string) => (await world.ask('query($id: ID!) { invoice(id: $id) { sync { state billing erp lag } } }', { id })).data.invoice.sync;
  const doubles = async (backend: string) => (await world.audit<Listed>(`/${backend}/documents?tenant=demo&doubles=1`)).rows;
  const pay = (invoiceId: string, reference: string) =>
    world.do(recordPayment, {
      reference, customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '120.00', currency: 'EUR' }, applyTo: [{ invoiceId }],
    });

  test('with the ERP down every mutation still answers, the status says PENDING with the lag, and afterwards nothing is lost or doubled', async () => {
    faults(world.sandbox!, { fault: 'down' });
    const invoices = [];
    for (let index = 0; index < 10; index++) invoices.push(await sampleInvoice(world, given, `R-${index}`));
    for (const [index, invoice] of invoices.entries()) await pay(invoice.id, `P-${index}`);
    await world.settles(1);
    world.clock.travelTo('2026-11-24T10:00:00Z');
    const down = await statusOf(invoices[0]!.id);
    expect(down).toMatchObject({ state: 'PENDING', billing: 'IN_SYNC' });
    expect(down.lag).toBeGreaterThan(3_000);
    world.sandbox!.faults.clear();
    await world.settles();
    for (const invoice of invoices) expect(await statusOf(invoice.id)).toEqual({ state: 'IN_SYNC', billing: 'IN_SYNC', erp: 'IN_SYNC', lag: 0 });
    expect(await doubles('erp')).toEqual([]);
    const { rows } = await world.audit<Listed>('/erp/documents?tenant=demo');
    expect(rows).toHaveLength(1 + 10 * 3); // customer, and an invoice, payment and application ten times
  });

  test.each(['errorAfterCommit', 'cut', 'garbage'] as const)('an answer lost by %s after the booking is looked up, never booked again', async (fault) => {
    faults(world.sandbox!, { fault, count: 3 });
    const invoice = await sampleInvoice(world, given);
    await pay(invoice.id, 'P-1');
    for (let round = 0; round < 6; round++) {
      await world.settles();
      world.clock.travelTo(`2026-11-24T1${round}:00:00Z`);
    }
    expect(await statusOf(invoice.id)).toMatchObject({ state: 'IN_SYNC', erp: 'IN_SYNC' });
    expect(await doubles('erp')).toEqual([]);
  });

  test('a rejected invoice becomes an exception, its payment waits for it, and a retry brings both into the books', async () => {
    faults(world.sandbox!, { fault: 'reject', match: 'invoice' });
    const invoice = await sampleInvoice(world, given);
    await pay(invoice.id, 'P-1');
    await world.settles();
    expect(await statusOf(invoice.id)).toMatchObject({ state: 'BLOCKED', erp: 'REJECTED' });
    const { data } = await world.ask('{ exceptions(filter: { state: OPEN }) { nodes { kind message moneyAtRisk { amount } subject { id } } } }');
    expect(data.exceptions.nodes).toMatchObject([{ kind: 'POSTING_REJECTED', moneyAtRisk: { amount: '120.00' } }]);
    world.sandbox!.faults.clear();
    const retry = 'mutation($input: RetryPostingInput!) { retryPosting(input: $input) { ... on Posting { state } ... on Refused { code } } }';
    const answer = await world.ask(retry, { input: { postingId: data.exceptions.nodes[0].subject.id } }, { role: 'ops' });
    expect(answer.data.retryPosting).toEqual({ state: 'PENDING' });
    await world.settles();
    expect(await statusOf(invoice.id)).toMatchObject({ state: 'IN_SYNC', erp: 'IN_SYNC' });
    const after = await world.ask('{ exceptions(filter: { state: OPEN }) { nodes { id } } }');
    expect(after.data.exceptions.nodes).toEqual([]);
  });
});
