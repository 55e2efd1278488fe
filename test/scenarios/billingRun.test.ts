import { billToday, runBilling } from '../../cli/bill';
import { Invoice } from '../../entities/invoices/Invoice';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
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

  test('the product bills by itself by the day of each legal entity, and once', async () => {
    const far = await world.do(upsertLegalEntity, { code: 'NZ01', name: 'Auckland', currency: 'EUR', timeZone: 'Pacific/Auckland', booksFrom: '2026-01-01', bankAccounts: [] });
    await world.do(createContract, {
      number: 'C-NZ', customerId: given.customer.id, legalEntityId: far.id, startDate: '2026-12-01', endDate: '2027-11-30', currency: 'EUR', billingFrom: '2026-12-01',
      lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '10.00', currency: 'EUR' } }],
    });
    world.clock.travelTo('2026-11-30T12:00:00Z'); // the first of December in Auckland, not in Berlin
    await billToday(world.engine);
    const days = async () => (await rowsOf(world, Invoice)).map(({ invoiceDate, legalEntityId }) => `${legalEntityId === far.id ? 'far' : 'near'} ${invoiceDate}`).sort();
    const before = await days();
    expect(before).toEqual(['far 2026-12-01', ...Array(9).fill('near 2026-11-30')]);
    await billToday(world.engine);
    expect(await days()).toEqual(before);
    world.clock.travelTo('2026-12-01T12:00:00Z');
    const stopped = new AbortController();
    stopped.abort();
    await billToday(world.engine, stopped.signal); // a page that has begun is done
    expect(await days()).toEqual([...before, ...Array(9).fill('near 2026-12-01')].sort());
  });
});
