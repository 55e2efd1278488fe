import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { sample, sampleContract, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database });
  });
  afterAll(() => world.close());

  test('a contract, an invoice and its payment reach every backend, and the status says so', async () => {
    const given = await sample(world);
    await sampleContract(world, given);
    const invoice = await sampleInvoice(world, given);
    await world.do(recordPayment, {
      reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '50.00', currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }],
    });
    await world.settles();
    const { data, errors } = await world.ask(
      `query($id: ID!) { invoice(id: $id) { settlement open { amount } customer { name financialStatus { state lag } } sync { state billing erp crm saas lag } applications { amount { amount } payment { state } } } }`,
      { id: invoice.id },
    );
    expect(errors).toBeUndefined();
    expect(data.invoice).toMatchObject({ settlement: 'PARTLY_PAID', open: { amount: '70.00' }, sync: { state: 'IN_SYNC', billing: 'IN_SYNC', erp: 'IN_SYNC', crm: 'NOT_APPLICABLE' } });
    expect(await world.told()).toContain('invoice.partlyPaid');
  });
});
