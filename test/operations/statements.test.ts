import { multiplyInvoices, STATUS_PAGE } from '../../bench/harness/bulk';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { DATABASES } from '../harness/databases';
import { sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

const CUSTOMERS = 12;

/** Statements of one page of statuses over so many invoices for each customer. */
async function statementsOf(world: World, invoices: number): Promise<number> {
  const before = world.database.reads.statements;
  const { data, errors } = await world.ask(STATUS_PAGE, { invoices });
  expect(errors).toBeUndefined();
  expect(data.customers.nodes).toHaveLength(CUSTOMERS);
  for (const customer of data.customers.nodes) expect(customer.invoices).toHaveLength(invoices);
  return world.database.reads.statements - before;
}

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database });
    const given = await sample(world);
    await sampleInvoice(world, given, 'R-0');
    for (let index = 1; index < CUSTOMERS; index++) {
      const customer = await world.do(upsertCustomer, { system: 'crm', key: `C${index}`, name: `Customer ${index}`, currency: 'EUR' });
      await sampleInvoice(world, { ...given, customer }, `R-${index}`);
    }
  });
  afterAll(() => world.close());

  test('a page of statuses takes as many statements for 1,200 invoices as for 12', async () => {
    const few = await statementsOf(world, 1);
    await world.database.transaction((sql) => multiplyInvoices(sql, 'demo', 100));
    expect(await statementsOf(world, 100)).toBe(few);
    expect(few).toBeLessThanOrEqual(20);
  });
});
