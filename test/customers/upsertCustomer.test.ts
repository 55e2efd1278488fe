import { Customer } from '../../entities/customers/Customer';
import { Change } from '../../entities/operations/Change';
import { Posting } from '../../entities/operations/Posting';
import type { UpsertCustomerInput } from '../../subgraphs/customers/api';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { DATABASES } from '../harness/databases';
import { everything, MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('upsertCustomer on %s', (database) => {
  let world: World;
  let keys = 0;
  const input = (change: Partial<UpsertCustomerInput> = {}): UpsertCustomerInput => ({
    system: 'crm', key: `K-${++keys}`, name: 'Acme', email: 'pay@acme.example', countryCode: 'DE', currency: 'EUR', ...change,
  });
  const upsert = (change?: Partial<UpsertCustomerInput>, tenant = 'demo') => world.do(upsertCustomer, input(change), world.actor('crm', tenant));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
  });
  afterAll(() => world.close());

  test('a new key makes version 1, told once and posted to billing, CRM and ERP', async () => {
    const customer = await upsert({ key: 'NEW' });
    expect(customer).toMatchObject({ key: 'NEW', name: 'Acme', email: 'pay@acme.example', countryCode: 'DE', currency: 'EUR', parentId: null, version: 1 });
    const changes = await rowsOf(world, Change, { resourceId: customer.id });
    expect(changes).toMatchObject([{ type: 'customer.upserted', version: 1, customerId: customer.id, data: { key: 'NEW', name: 'Acme', currency: 'EUR' } }]);
    const postings = await rowsOf(world, Posting, { resourceId: customer.id });
    expect(postings.map(({ kind, backend, state }) => `${kind}/${backend} ${state}`).sort()).toEqual([
      'customer/billing PENDING', 'customer/crm PENDING', 'customer/erp PENDING',
    ]);
  });

  test.each<[string, Partial<UpsertCustomerInput>, Partial<Customer>]>([
    ['name', { name: 'Acme AG' }, { name: 'Acme AG' }],
    ['e-mail address', { email: 'cash@acme.example' }, { email: 'cash@acme.example' }],
    ['e-mail address taken away', { email: null }, { email: null }],
    ['country', { countryCode: 'FR' }, { countryCode: 'FR' }],
    ['country taken away', { countryCode: null }, { countryCode: null }],
    ['currency', { currency: 'USD' }, { currency: 'USD' }],
    ['credit limit', { creditLimit: { amount: '5.00', currency: 'EUR' } }, { creditLimitMinor: 500n }],
    ['terms', { paymentTermsDays: 14, taxNumber: 'DE1' }, { paymentTermsDays: 14, taxNumber: 'DE1' }],
  ])('another %s makes version 2 of the same customer and posts it', async (_field, change, becomes) => {
    const first = await upsert();
    const second = await upsert({ key: first.key, ...change, expectedVersion: 1 });
    expect(second).toMatchObject({ id: first.id, version: 2, ...becomes });
    expect(await rowsOf(world, Posting, { resourceId: first.id })).toHaveLength(6);
  });

  test('the same customer again is answered as it is, and nothing is written but the audit entry', async () => {
    const wanted = input();
    const first = await world.do(upsertCustomer, wanted);
    const before = await everything(world);
    expect(await world.do(upsertCustomer, wanted)).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test('the same idempotency key answers version 1 again, also after version 2', async () => {
    const wanted = input({ idempotencyKey: 'once' });
    const first = await world.do(upsertCustomer, wanted);
    await upsert({ key: first.key, name: 'Later' });
    expect(await world.do(upsertCustomer, wanted)).toMatchObject({ id: first.id, version: 1, name: 'Acme' });
    expect((await rowsOf(world, Customer, { id: first.id }))[0]).toMatchObject({ version: 2, name: 'Later' });
    const refusal = await refusalOf(world, () => world.do(upsertCustomer, { ...wanted, name: 'Otherwise' }));
    expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH', path: 'idempotencyKey' });
  });

  test.each<[string, Partial<UpsertCustomerInput>, Partial<UpsertCustomerInput>, boolean]>([
    ['another system', { key: 'S' }, { key: 'S', system: 'shop' }, false],
    ['the system in upper case', { key: 'U' }, { key: 'U', system: 'CRM' }, true],
    ['the key in lower case', { key: 'CASE' }, { key: 'case' }, false],
    ['the key in decomposed letters', { key: 'Z\u00fcrich' }, { key: 'Zu\u0308rich' }, true],
    ['a bar moved from key to system', { system: 'a', key: 'b|c' }, { system: 'a|b', key: 'c' }, false],
  ])('whether %s names the same customer', async (_what, one, two, same) => {
    const [first, second] = [await upsert(one), await upsert(two)];
    expect(first.id === second.id).toBe(same);
  });

  test('another tenant has another customer under the same key', async () => {
    const [mine, theirs] = [await upsert({ key: 'BOTH' }), await upsert({ key: 'BOTH' }, 'other')];
    expect(mine.id).not.toBe(theirs.id);
    expect(await rowsOf(world, Customer, { id: theirs.id })).toEqual([]);
    expect(await rowsOf(world, Customer, { tenantId: 'other', id: theirs.id })).toHaveLength(1);
  });

  test('a parent and its children know one another', async () => {
    const parent = await upsert();
    const child = await upsert({ parentId: parent.id });
    const query = 'query($id: ID!) { customer(id: $id) { parent { id } children { id } } }';
    expect((await world.ask(query, { id: child.id })).data.customer).toEqual({ parent: { id: parent.id }, children: [] });
    expect((await world.ask(query, { id: parent.id })).data.customer).toEqual({ parent: null, children: [{ id: child.id }] });
  });

  test('nobody becomes their own parent, nor the child of their grandchild', async () => {
    const top = await upsert();
    const middle = await upsert({ parentId: top.id });
    const bottom = await upsert({ parentId: middle.id });
    for (const parentId of [top.id, middle.id, bottom.id]) {
      const refusal = await refusalOf(world, () => upsert({ key: top.key, parentId }));
      expect(refusal).toMatchObject({ code: 'HIERARCHY_LOOP', path: 'input.parentId', retryable: false });
    }
  });

  test('two customers put below each other at the same time do not become a loop', async () => {
    const [one, two] = [await upsert(), await upsert()];
    const done = await Promise.allSettled([upsert({ key: one.key, parentId: two.id }), upsert({ key: two.key, parentId: one.id })]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'HIERARCHY_LOOP' } });
  });

  test('who pays for others pays for itself', async () => {
    const payer = await upsert();
    const [child, third] = [await upsert({ payerId: payer.id }), await upsert()];
    expect(await refusalOf(world, () => upsert({ payerId: child.id }))).toMatchObject({ code: 'PAYER_CHAIN', path: 'input.payerId', retryable: false });
    expect(await refusalOf(world, () => upsert({ key: payer.key, payerId: third.id }))).toMatchObject({ code: 'PAYER_CHAIN' });
    expect(await refusalOf(world, () => upsert({ payerId: unknownId('cus') }))).toMatchObject({ code: 'NOT_FOUND', path: 'input.payerId' });
    expect(await upsert({ key: payer.key, payerId: payer.id })).toMatchObject({ payerId: null });
    const { data } = await world.ask('query($id: ID!) { customer(id: $id) { payer { id } paysFor { id payer { id } } } }', { id: payer.id });
    expect(data.customer).toEqual({ payer: null, paysFor: [{ id: child.id, payer: { id: payer.id } }] });
  });

  test('a twenty-first level of the hierarchy is refused', async () => {
    let parent = await upsert();
    for (let level = 1; level <= 19; level++) parent = await upsert({ parentId: parent.id });
    const last = await upsert({ parentId: parent.id });
    expect(await refusalOf(world, () => upsert({ parentId: last.id }))).toMatchObject({ code: 'HIERARCHY_LOOP' });
  });

  test.each<[string, string, string, Partial<UpsertCustomerInput>]>([
    ['an empty key', 'TEXT_INVALID', 'input.key', { key: '' }],
    ['a key of 192 characters', 'TEXT_INVALID', 'input.key', { key: 'x'.repeat(192) }],
    ['a key with a line break', 'TEXT_INVALID', 'input.key', { key: 'a\nb' }],
    ['half a surrogate pair in the key', 'TEXT_INVALID', 'input.key', { key: 'a\ud800' }],
    ['an empty system', 'TEXT_INVALID', 'input.system', { system: ' ' }],
    ['a system of 41 characters', 'TEXT_INVALID', 'input.system', { system: 'x'.repeat(41) }],
    ['a blank name', 'TEXT_INVALID', 'input.name', { name: '  ' }],
    ['a name of 192 characters', 'TEXT_INVALID', 'input.name', { name: 'x'.repeat(192) }],
    ['an address without @', 'EMAIL_MALFORMED', 'input.email', { email: 'acme.example' }],
    ['an address without a domain', 'EMAIL_MALFORMED', 'input.email', { email: 'pay@acme' }],
    ['an address with a space', 'EMAIL_MALFORMED', 'input.email', { email: 'pay me@acme.example' }],
    ['an address of 192 characters', 'EMAIL_MALFORMED', 'input.email', { email: `${'x'.repeat(179)}@acme.example` }],
    ['a country in lower case', 'COUNTRY_MALFORMED', 'input.countryCode', { countryCode: 'de' }],
    ['a country of three letters', 'COUNTRY_MALFORMED', 'input.countryCode', { countryCode: 'DEU' }],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.currency', { currency: 'XXX' }],
    ['a currency in lower case', 'CURRENCY_UNKNOWN', 'input.currency', { currency: 'eur' }],
    ['terms of more than a year', 'TERMS_INVALID', 'input.paymentTermsDays', { paymentTermsDays: 366 }],
    ['terms that are over before', 'TERMS_INVALID', 'input.paymentTermsDays', { paymentTermsDays: -1 }],
    ['a limit in another currency', 'CURRENCY_MISMATCH', 'input.creditLimit.currency', { creditLimit: { amount: '1', currency: 'USD' } }],
    ['a limit below zero', 'AMOUNT_NEGATIVE', 'input.creditLimit', { creditLimit: { amount: '-1', currency: 'EUR' } }],
    ['a tax number of 41 characters', 'TEXT_INVALID', 'input.taxNumber', { taxNumber: 'x'.repeat(41) }],
    ['a malformed parent', 'ID_MALFORMED', 'input.parentId', { parentId: MALFORMED_ID }],
    ['a contract as parent', 'ID_MALFORMED', 'input.parentId', { parentId: unknownId('con') }],
    ['an unknown parent', 'NOT_FOUND', 'input.parentId', { parentId: unknownId('cus') }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert(change))).toMatchObject({ code, path, retryable: false });
  });

  test("another tenant's customer is no parent", async () => {
    const theirs = await upsert({}, 'other');
    expect(await refusalOf(world, () => upsert({ parentId: theirs.id }))).toMatchObject({ code: 'NOT_FOUND', path: 'input.parentId' });
  });

  test('one who expects a version of what is not there is refused', async () => {
    expect(await refusalOf(world, () => upsert({ expectedVersion: 1 }))).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion' });
    expect(await upsert({ expectedVersion: 0 })).toMatchObject({ version: 1 });
  });

  test.each([0, 1, 3])('version 2 is not changed by one who expects version %s', async (expectedVersion) => {
    const { key } = await upsert();
    await upsert({ key, name: 'Two' });
    const refusal = await refusalOf(world, () => upsert({ key, name: 'Three', expectedVersion }));
    expect(refusal).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion', retryable: false });
  });

  test('the public schema answers the customer, or what it was refused with', async () => {
    const mutation = `mutation($input: UpsertCustomerInput!) { upsertCustomer(input: $input) {
      __typename ... on Customer { key version currency } ... on Refused { code message path retryable } } }`;
    const wanted = { key: 'PUBLIC', name: 'Public', currency: 'JPY' };
    const done = await world.ask(mutation, { input: wanted }, { role: 'crm' });
    expect(done.data.upsertCustomer).toEqual({ __typename: 'Customer', key: 'PUBLIC', version: 1, currency: 'JPY' });
    const no = await world.ask(mutation, { input: { ...wanted, countryCode: 'Japan' } }, { role: 'crm' });
    expect(no.data.upsertCustomer).toEqual({
      __typename: 'Refused', code: 'COUNTRY_MALFORMED', message: '"Japan" is not an ISO 3166-1 alpha-2 code.', path: 'input.countryCode', retryable: false,
    });
    const forbidden = await world.ask(mutation, { input: wanted }, { role: 'auditor' });
    expect(forbidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
