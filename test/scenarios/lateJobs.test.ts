import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { anotherCustomer, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('an ERP that accepts documents and books them later, on %s', (database) => {
  let world: World;
  let given: Sample;
  let hour: number;
  beforeEach(async () => {
    hour = 10;
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
    await knob('/settings', { backend: 'erp', jobs: { delayMs: null, fails: false } });
  });
  afterEach(() => world.close());

  const knob = (path: string, body: object) => fetch(world.sandbox!.url + path, { method: 'POST', body: JSON.stringify(body) });
  const stateOf = async (id: string) => (await world.ask('query($id: ID!) { invoice(id: $id) { sync { erp } } }', { id })).data.invoice.sync.erp;
  /** Goes on after every pause. */
  const settlesLater = async () => {
    world.clock.travelTo(`2026-11-24T${hour++}:00:00Z`);
    await world.settles();
  };

  test('a job that runs is looked up, never sent again, and what depends on it waits', async () => {
    const invoice = await sampleInvoice(world, given);
    await world.do(recordPayment, {
      reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '120.00', currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }],
    });
    await settlesLater();
    await settlesLater();
    expect(await world.audit('/erp/stats')).toMatchObject({ documents: 1, doubles: 0 });
    for (let round = 0; round < 3; round++) {
      await knob('/jobs', { backend: 'erp', end: 'book' });
      await settlesLater();
    }
    expect(await stateOf(invoice.id)).toBe('IN_SYNC');
    expect(await world.audit('/erp/stats')).toMatchObject({ documents: 4, doubles: 0 });
  });

  test('jobs that run, however many, are no trouble of the backend: others of the legal entity go on', async () => {
    for (let index = 0; index < 8; index++) await sampleInvoice(world, { ...given, customer: await anotherCustomer(world, `C-${index}`) }, `R-${index}`);
    await settlesLater();
    await knob('/jobs', { backend: 'erp', end: 'book' });
    await settlesLater();
    const open = await world.database.reads.query<{ n: unknown }>("SELECT COUNT(*) AS n FROM channel WHERE open_until_ms IS NOT NULL OR failures > 0");
    expect(Number(open[0]!.n)).toBe(0);
  });

  test('a job that failed is an exception; mended and tried again, the document is in the books once', async () => {
    const invoice = await sampleInvoice(world, given);
    await settlesLater();
    await knob('/jobs', { backend: 'erp', end: 'fail' });
    await settlesLater();
    expect(await stateOf(invoice.id)).toBe('REJECTED');
    const { data } = await world.ask('{ exceptions(filter: { state: OPEN }) { nodes { message subject { id } } } }');
    expect(data.exceptions.nodes).toMatchObject([{ message: expect.stringContaining('JOB_FAILED') }]);
    await world.do(retryPosting, { postingId: data.exceptions.nodes[0].subject.id }, world.actor('ops'));
    await settlesLater();
    await knob('/jobs', { backend: 'erp', end: 'book' });
    await settlesLater();
    expect(await stateOf(invoice.id)).toBe('IN_SYNC');
    expect(await world.audit('/erp/documents?tenant=demo&doubles=1')).toMatchObject({ rows: [] });
  });
});
