import { Customer } from '../../entities/customers/Customer';
import { Posting } from '../../entities/operations/Posting';
import { ResourceVersion } from '../../entities/operations/ResourceVersion';
import type { UpsertCustomerInput } from '../../subgraphs/customers/api';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('upsertCustomer on %s', (database) => {
  let world: World;
  const input = (key: string, change: Partial<UpsertCustomerInput> = {}): UpsertCustomerInput => ({
    system: 'crm', key, name: 'Acme', email: 'books@acme.example', countryCode: 'DE', currency: 'EUR', ...change,
  });
  const upsert = (key: string, change?: Partial<UpsertCustomerInput>, tenant = 'demo') => world.do(upsertCustomer, input(key, change), world.actor('crm', tenant));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
  });
  afterAll(() => world.close());

  test('a new key makes a customer and tells billing, ERP and CRM', async () => {
    const customer = await upsert('NEW');
    expect(customer).toMatchObject({ version: 1, key: 'NEW', name: 'Acme', countryCode: 'DE', parentId: null });
    const postings = await rowsOf(world, Posting, { resourceId: customer.id });
    expect(postings.map(({ backend }) => backend).sort()).toEqual(['billing', 'crm', 'erp']);
  });

  test('the same input again is the same version and posts nothing more', async () => {
    const first = await upsert('SAME');
    expect(await upsert('SAME')).toEqual(first);
    expect(await rowsOf(world, Posting, { resourceId: first.id })).toHaveLength(3);
    expect(await rowsOf(world, ResourceVersion, { resourceId: first.id })).toHaveLength(1);
  });

  test('other input makes the next version under the same id; the earlier one stays readable', async () => {
    const first = await upsert('GROWS');
    const second = await upsert('GROWS', { name: 'Acme Holding', email: null, expectedVersion: 1 });
    expect(second).toMatchObject({ id: first.id, version: 2, name: 'Acme Holding', email: null });
    const versions = await rowsOf(world, ResourceVersion, { resourceId: first.id });
    expect(versions.map(({ version, body }) => [version, body.name])).toEqual([[1, 'Acme'], [2, 'Acme Holding']]);
  });

  test('the system is part of the identity and its case is not; the case of the key is', async () => {
    const crm = await upsert('Case');
    expect((await upsert('Case', { system: 'CRM' })).id).toBe(crm.id);
    expect((await upsert('case')).id).not.toBe(crm.id);
    expect((await upsert('Case', { system: 'billing' })).id).not.toBe(crm.id);
  });

  test('50 clients that create one customer at once make one', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => upsert('ONCE')));
    expect(new Set(all.map(({ id, version }) => `${id}@${version}`)).size).toBe(1);
    expect(await rowsOf(world, Customer, { key: 'ONCE' })).toHaveLength(1);
  });

  test('a hierarchy has parents above and no loop', async () => {
    const top = await upsert('TOP');
    const middle = await upsert('MIDDLE', { parentId: top.id });
    const bottom = await upsert('BOTTOM', { parentId: middle.id });
    expect(bottom.parentId).toBe(middle.id);
    const loops = [['TOP', bottom.id], ['TOP', top.id], ['MIDDLE', bottom.id]] as const;
    for (const [key, parentId] of loops) {
      expect(await refusalOf(world, () => upsert(key, { parentId }))).toMatchObject({ code: 'HIERARCHY_LOOP', path: 'input.parentId' });
    }
  });

  test.each<[string, string, string, () => Promise<Partial<UpsertCustomerInput>>]>([
    ['a stale version', 'VERSION_STALE', 'expectedVersion', async () => ({ name: 'Other', expectedVersion: 9 })],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.currency', async () => ({ currency: 'EURO' })],
    ['no e-mail address', 'EMAIL_MALFORMED', 'input.email', async () => ({ email: 'nobody' })],
    ['a country in words', 'COUNTRY_MALFORMED', 'input.countryCode', async () => ({ countryCode: 'Germany' })],
    ['an empty name', 'TEXT_INVALID', 'input.name', async () => ({ name: '' })],
    ['half a character', 'TEXT_INVALID', 'input.name', async () => ({ name: '\ud800' })],
    ['a long system', 'TEXT_INVALID', 'input.system', async () => ({ system: 's'.repeat(41) })],
    ['a malformed parent', 'ID_MALFORMED', 'input.parentId', async () => ({ parentId: MALFORMED_ID })],
    ['an unknown parent', 'NOT_FOUND', 'input.parentId', async () => ({ parentId: unknownId('cus') })],
    ["another tenant's parent", 'NOT_FOUND', 'input.parentId', async () => ({ parentId: (await upsert('THEIRS', {}, 'other')).id })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    await upsert('KNOWN');
    const wanted = await change();
    expect(await refusalOf(world, () => upsert('KNOWN', wanted))).toMatchObject({ code, path, retryable: false });
  });

  test('the public schema answers the customer, or what it was refused with', async () => {
    const mutation = `mutation($input: UpsertCustomerInput!) { upsertCustomer(input: $input) {
      __typename ... on Customer { id version key } ... on Refused { code path retryable } } }`;
    const done = await world.ask(mutation, { input: { key: 'ASKED', name: 'Asked', currency: 'EUR' } }, { role: 'crm' });
    expect(done.data.upsertCustomer).toMatchObject({ __typename: 'Customer', version: 1, key: 'ASKED' });
    const no = await world.ask(mutation, { input: { key: 'ASKED', name: 'Asked', currency: '' } }, { role: 'crm' });
    expect(no.data.upsertCustomer).toEqual({ __typename: 'Refused', code: 'CURRENCY_UNKNOWN', path: 'input.currency', retryable: false });
  });
});
