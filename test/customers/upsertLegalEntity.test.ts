import { ClosedPeriodPolicy, LegalEntity } from '../../entities/customers/LegalEntity';
import { Change } from '../../entities/operations/Change';
import { Posting } from '../../entities/operations/Posting';
import { ResourceVersion } from '../../entities/operations/ResourceVersion';
import { restore } from '../../subgraphs/act';
import type { UpsertLegalEntityInput } from '../../subgraphs/customers/api';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DATABASES } from '../harness/databases';
import { everything, refusalOf, rowsOf } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('upsertLegalEntity on %s', (database) => {
  let world: World;
  let codes = 0;
  const input = (change: Partial<UpsertLegalEntityInput> = {}): UpsertLegalEntityInput => ({
    code: `E-${++codes}`, name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [], ...change,
  });
  const upsert = (change?: Partial<UpsertLegalEntityInput>, tenant = 'demo') => world.do(upsertLegalEntity, input(change), world.actor('finance', tenant));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
  });
  afterAll(() => world.close());

  test('a new company code makes version 1, told once and posted nowhere', async () => {
    const entity = await upsert({ code: 'NEW', bankAccounts: ['de89 3704 0044 0532 0130 00'] });
    expect(entity).toMatchObject({ code: 'NEW', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', version: 1 });
    expect(await rowsOf(world, Change, { resourceId: entity.id })).toMatchObject([
      { type: 'legalEntity.upserted', version: 1, data: { code: 'NEW', name: 'Test GmbH', currency: 'EUR' } },
    ]);
    expect(await rowsOf(world, Posting)).toEqual([]);
  });

  test('a bank account is kept as banks write it, without spaces and in upper case', async () => {
    const { id } = await upsert({ bankAccounts: ['fr14 2004 1010 0505 0001 3m02 606'] });
    expect((await rowsOf(world, LegalEntity, { id }))[0]!.bankAccounts).toEqual(['FR1420041010050500013M02606']);
  });

  test.each<[string, Partial<UpsertLegalEntityInput>]>([
    ['name', { name: 'Test AG' }],
    ['time zone', { timeZone: 'Europe/Paris' }],
    ['first day of the books', { booksFrom: '2024-01-01' }],
    ['bank account', { bankAccounts: ['AT611904300234573201'] }],
  ])('another %s makes version 2 of the same entity', async (_field, change) => {
    const first = await upsert();
    expect(await upsert({ code: first.code, ...change, expectedVersion: 1 })).toMatchObject({ id: first.id, version: 2, ...change });
    await upsert({ code: first.code, bankAccounts: [] });
  });

  test('closed periods are asked about unless it says otherwise; what it said stays until it says another', async () => {
    const first = await upsert();
    expect(first.closedPeriodPolicy).toBe(ClosedPeriodPolicy.ASK);
    const { code } = first;
    expect(await upsert({ code, closedPeriodPolicy: ClosedPeriodPolicy.NEXT_OPEN })).toMatchObject({ version: 2, closedPeriodPolicy: 'NEXT_OPEN' });
    expect(await upsert({ code, name: 'Renamed' })).toMatchObject({ version: 3, closedPeriodPolicy: 'NEXT_OPEN' });
    expect(await rowsOf(world, Change, { resourceId: first.id, version: 2 })).toMatchObject([{ data: { closedPeriodPolicy: 'NEXT_OPEN' } }]);
  });

  test('a version that was recorded before there was such a policy reads as ASK', async () => {
    const { id } = await upsert();
    const { body } = (await rowsOf(world, ResourceVersion, { resourceId: id, version: 1 }))[0]!;
    expect(restore(world.database.reads, LegalEntity, { ...body, closedPeriodPolicy: undefined })).toMatchObject({ id, closedPeriodPolicy: 'ASK' });
  });

  test('the same entity again is answered as it is, and nothing is written but the audit entry', async () => {
    const wanted = input({ bankAccounts: ['BE68 5390 0754 7034', 'BE71 0961 2345 6769'] });
    const first = await world.do(upsertLegalEntity, wanted);
    const before = await everything(world);
    expect(await world.do(upsertLegalEntity, wanted)).toEqual(first);
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test('the currency of the books is for ever', async () => {
    const { code } = await upsert();
    const refusal = await refusalOf(world, () => upsert({ code, currency: 'USD' }));
    expect(refusal).toMatchObject({ code: 'CURRENCY_FIXED', path: 'input.currency', retryable: false });
  });

  test('a bank account belongs to one entity, however it is written, until that one gives it up', async () => {
    const owner = await upsert({ bankAccounts: ['CH9300762011623852957'] });
    const account = { bankAccounts: ['ch93 0076 2011 6238 5295 7'] };
    expect(await refusalOf(world, () => upsert(account))).toMatchObject({ code: 'ACCOUNT_TAKEN', path: 'input.bankAccounts', retryable: false });
    await upsert({ code: owner.code, bankAccounts: [] });
    expect(await upsert(account)).toMatchObject({ bankAccounts: owner.bankAccounts, version: 1 });
  });

  test('two legal entities that take one bank account at the same time do not both have it', async () => {
    const bankAccounts = ['ES9121000418450200051332'];
    const done = await Promise.allSettled([upsert({ code: 'A', bankAccounts }), upsert({ code: 'B', bankAccounts })]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ACCOUNT_TAKEN' } });
  });

  test('another tenant may have the same code and the same bank account, and another id', async () => {
    const same = { code: 'BOTH', bankAccounts: ['NL91ABNA0417164300'] };
    const [mine, theirs] = [await upsert(same), await upsert(same, 'other')];
    expect(mine.id).not.toBe(theirs.id);
  });

  test.each<[string, string, string, Partial<UpsertLegalEntityInput>]>([
    ['an empty code', 'TEXT_INVALID', 'input.code', { code: '' }],
    ['a code of 21 characters', 'TEXT_INVALID', 'input.code', { code: 'x'.repeat(21) }],
    ['a blank name', 'TEXT_INVALID', 'input.name', { name: ' ' }],
    ['a name with a tab', 'TEXT_INVALID', 'input.name', { name: 'a\tb' }],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.currency', { currency: 'EURO' }],
    ['a zone nobody knows', 'TIME_ZONE_UNKNOWN', 'input.timeZone', { timeZone: 'Europe/Atlantis' }],
    ['no zone', 'TIME_ZONE_UNKNOWN', 'input.timeZone', { timeZone: '' }],
    ['a blank bank account', 'TEXT_INVALID', 'input.bankAccounts', { bankAccounts: [' '] }],
    ['a bank account of 41 characters', 'TEXT_INVALID', 'input.bankAccounts', { bankAccounts: ['1'.repeat(41)] }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert(change))).toMatchObject({ code, path, retryable: false });
  });

  test('one who expects a version of what is not there is refused', async () => {
    expect(await refusalOf(world, () => upsert({ expectedVersion: 1 }))).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion' });
    expect(await upsert({ expectedVersion: 0 })).toMatchObject({ version: 1 });
  });

  test.each([1, 3])('version 2 is not changed by one who expects version %s', async (expectedVersion) => {
    const { code } = await upsert();
    await upsert({ code, name: 'Two' });
    const refusal = await refusalOf(world, () => upsert({ code, name: 'Three', expectedVersion }));
    expect(refusal).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion', retryable: false });
  });

  const mutation = `mutation($input: UpsertLegalEntityInput!) { upsertLegalEntity(input: $input) {
    __typename ... on LegalEntity { code version timeZone bankAccounts closedPeriodPolicy } ... on Refused { code message path retryable } } }`;

  test('the public schema answers the entity, or what it was refused with', async () => {
    const wanted = { code: 'PUBLIC', name: 'Public', currency: 'EUR', booksFrom: '2025-01-01' };
    const done = await world.ask(mutation, { input: wanted });
    expect(done.data.upsertLegalEntity).toEqual({ __typename: 'LegalEntity', code: 'PUBLIC', version: 1, timeZone: 'UTC', bankAccounts: [], closedPeriodPolicy: 'ASK' });
    const no = await world.ask(mutation, { input: { ...wanted, currency: 'USD' } });
    expect(no.data.upsertLegalEntity).toEqual({
      __typename: 'Refused', code: 'CURRENCY_FIXED', message: 'The books of PUBLIC are kept in EUR.', path: 'input.currency', retryable: false,
    });
    const forbidden = await world.ask(mutation, { input: wanted }, { role: 'partner' });
    expect(forbidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test.each(['2025-02-30', '2025-13-01', '01.01.2025', ''])('the books do not begin on %j', async (booksFrom) => {
    const answer = await world.ask(mutation, { input: { code: 'DAY', name: 'Day', currency: 'EUR', booksFrom } });
    expect(answer.errors).toHaveLength(1);
    expect(await rowsOf(world, LegalEntity, { code: 'DAY' })).toEqual([]);
  });
});
