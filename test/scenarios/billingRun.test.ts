import { runBilling } from '../../cli/bill';
import { Invoice } from '../../entities/invoices/Invoice';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { DATABASES } from '../harness/databases';
import { everything, rowsOf } from '../harness/refusals';
import { anotherCustomer, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('the daily billing run on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    const { id } = await anotherCustomer(world);
    for (let n = 0; n < 9; n++) {
      await world.do(createContract, {
        number: `C-${n}`, customerId: n % 2 ? id : given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-10-01',
        lines: [{ productId: given.product.id, quantity: String(n + 1), unitPrice: { amount: '10.00', currency: 'EUR' } }],
      });
    }
  });
  afterEach(() => world.close());

  test('counts in a dry run what it then does, does it once, and its documents reach billing and ERP', async () => {
    const before = await everything(world);
    const run = { upTo: '2026-11-24', contractsMax: 2 };
    const counted = await runBilling(world.engine, 'demo', { ...run, dryRun: true });
    expect(await everything(world)).toEqual(before);
    expect(counted).toEqual({ ok: true, dryRun: true, upTo: '2026-11-24', contracts: 9, invoices: 9, creditMemos: 0, billed: ['1080.00 EUR'], failures: [] });
    expect(await runBilling(world.engine, 'demo', { ...run, dryRun: false })).toEqual({ ...counted, dryRun: false });
    expect(await runBilling(world.engine, 'demo', { ...run, dryRun: false })).toMatchObject({ contracts: 0, invoices: 0, billed: [] });
    await world.settles();
    const open = await world.audit<{ minor?: string }[]>('/erp/open-items?tenant=demo');
    expect(open).toHaveLength(9);
    expect((await rowsOf(world, Invoice)).every(({ lineItems }) => lineItems.length === 2)).toBe(true); // October and November
  });
});
