import type { UpsertCustomerInput } from '../../subgraphs/customers/api';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { DATABASES } from '../harness/databases';
import { World } from '../harness/world';

describe.each(DATABASES)('duplicateCustomers on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    const customer = (key: string, change: Partial<UpsertCustomerInput>, tenant = 'demo') => world.do(upsertCustomer, { system: 'crm', key, name: key, currency: 'EUR', ...change }, world.actor('finance', tenant));
    await customer('A1', { name: 'Acme Ltd.', countryCode: 'GB', taxNumber: 'GB 123' });
    await customer('A2', { name: 'Acme Holding', taxNumber: 'gb123' });
    await customer('A3', { name: 'ACME-Ltd', countryCode: 'GB', email: 'pay@acme.example' });
    await customer('B1', { email: 'Pay@Acme.example' });
    await customer('C1', { name: 'Acme Ltd', countryCode: 'IE' }); // of the same name elsewhere
    await customer('D1', {}, 'other');
    await customer('D2', { name: 'Acme Ltd.', countryCode: 'GB', taxNumber: 'GB123' }, 'other');
  });
  afterAll(() => world.close());

  const groups = async (tenant = 'demo') => {
    const { data } = await world.ask('{ duplicateCustomers { evidence customers { key } } }', {}, { role: 'crm', tenant });
    return data.duplicateCustomers.map(({ evidence, customers }: any) => `${evidence} ${customers.map(({ key }: any) => key).sort().join(' ')}`);
  };

  test('customers with one tax number, address or name are shown together, however they are written', async () => {
    expect(await groups()).toEqual(['TAX_NUMBER A1 A2', 'EMAIL A3 B1', 'NAME A1 A3']);
  });

  test("another tenant's customers are no duplicates", async () => {
    expect(await groups('other')).toEqual([]);
  });
});
