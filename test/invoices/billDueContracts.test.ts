import { BilledItem } from '../../entities/invoices/BilledItem';
import { Invoice } from '../../entities/invoices/Invoice';
import { rehearse } from '../../subgraphs/act';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import type { Contract } from '../../entities/contracts/Contract';
import { billDueContracts } from '../../subgraphs/invoices/commands/billDueContracts';
import { DATABASES } from '../harness/databases';
import { everything, rowsOf } from '../harness/refusals';
import { anotherCustomer, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const UP_TO = '2026-11-24';

describe.each(DATABASES)('billDueContracts on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const create = (number: string, change = {}): Promise<Contract> =>
    world.do(createContract, {
      number, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01',
      lines: [{ productId: given.product.id, quantity: '10', unitPrice: { amount: '30.00', currency: 'EUR' } }], ...change,
    });
  const page = (contractsMax = 100, upTo = UP_TO) => world.do(billDueContracts, { upTo, contractsMax }, world.actor('ops'));

  test('a run bills page after page what is due, then nothing, and a month later again', async () => {
    const { id: customerId } = await anotherCustomer(world);
    for (let n = 0; n < 5; n++) await create(`C-${n}`, n % 2 ? { customerId } : {});
    await create('BY-HAND', { billingFrom: undefined });
    await create('LATER', { billingFrom: '2026-12-01' });
    const pages = [await page(2), await page(2), await page(2)];
    expect(pages.map(({ contracts, invoices }) => [contracts, invoices])).toEqual([[2, 2], [2, 2], [1, 1]]);
    expect(pages[0]!.billed).toEqual([expect.objectContaining({ amount: '720.00', currency: 'EUR' })]);
    expect(await page()).toMatchObject({ contracts: 0, last: null });
    world.clock.travelTo('2026-12-01T09:00:00Z');
    expect(await page(100, '2026-12-01')).toMatchObject({ contracts: 6, invoices: 6 });
    const numbers = (await rowsOf(world, Invoice)).map(({ number }) => number).sort();
    expect(numbers).toEqual(numbers.map((_, index) => `INV-DE01-2026-${String(index + 1).padStart(6, '0')}`)); // without gaps
  });

  test('a dry run counts the same and leaves everything as it was', async () => {
    for (let n = 0; n < 3; n++) await create(`C-${n}`);
    const before = await everything(world);
    const look = async (after: string) => rehearse(world.actor('ops'), { command: billDueContracts, input: { upTo: UP_TO, contractsMax: 2, after } }, async (_work, result) => result);
    const first = await look('');
    expect(await look(first.last!)).toMatchObject({ contracts: 1, invoices: 1 });
    expect(await everything(world)).toEqual(before);
    expect(await page()).toMatchObject({ contracts: 3, billed: [{ amount: '1080.00' }] });
  });

  test('runs at the same time share the work and bill nothing twice', async () => {
    for (let n = 0; n < 12; n++) await create(`C-${n}`);
    const runs = await Promise.all(Array.from({ length: 4 }, async () => {
      let billed = 0;
      for (let done = await page(2); done.contracts > 0; done = await page(2)) billed += done.invoices;
      return billed;
    }));
    expect(runs.reduce((a, b) => a + b)).toBe(12);
    expect(await rowsOf(world, BilledItem)).toHaveLength(12);
  });

  test('one that is cut off before its commit leaves nothing behind, and the next bills it', async () => {
    await create('C-1');
    const cutOff = rehearse(world.actor('ops'), { command: billDueContracts, input: { upTo: UP_TO, contractsMax: 9 } }, async () => {
      throw new Error('killed');
    });
    await expect(cutOff).rejects.toThrow('killed');
    expect(await rowsOf(world, Invoice)).toEqual([]);
    expect(await page()).toMatchObject({ invoices: 1 });
    expect((await rowsOf(world, Invoice))[0]!.number).toBe('INV-DE01-2026-000001');
  });

  test('a contract that cannot be billed is an exception, comes again the next day, and keeps no other waiting', async () => {
    const huge = await create('HUGE', { billingFrom: '2026-01-01', lines: [{ productId: given.product.id, quantity: '1', periodMonths: 12, unitPrice: { amountMinor: '8900000000000000', currency: 'EUR' } }] });
    await create('C-1');
    expect(await page()).toMatchObject({ contracts: 2, invoices: 1, failures: [{ contractId: huge.id, code: 'AMOUNT_TOO_LARGE' }] });
    const { data } = await world.ask('{ exceptions(filter: { state: OPEN }) { nodes { kind message subject { id } } } }');
    expect(data.exceptions.nodes).toEqual([{ kind: 'BILLING_FAILED', message: expect.stringContaining('AMOUNT_TOO_LARGE'), subject: { id: huge.id } }]);
    expect(await page()).toMatchObject({ contracts: 0 });
    world.clock.travelTo('2026-11-25T09:00:00Z');
    expect(await page(100, '2026-11-25')).toMatchObject({ contracts: 1, failures: [{ contractId: huge.id }] });
  });
});
