import { LegalEntity } from '../../entities/customers/LegalEntity';
import type { UpsertLegalEntityInput } from '../../subgraphs/customers/api';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { IBAN } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('upsertLegalEntity on %s', (database) => {
  let world: World;
  const input = (code: string, change: Partial<UpsertLegalEntityInput> = {}): UpsertLegalEntityInput => ({
    code, name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [], ...change,
  });
  const upsert = (code: string, change?: Partial<UpsertLegalEntityInput>, tenant = 'demo') => world.do(upsertLegalEntity, input(code, change), world.actor('ops', tenant));

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    await upsert('KNOWN', { bankAccounts: [IBAN] });
  });
  afterAll(() => world.close());

  test('a company code makes one legal entity, and its accounts are kept as banks write them', async () => {
    const entity = await upsert('DE01', { bankAccounts: ['de02 1203 0000 0000 2020 51'] });
    expect(entity).toMatchObject({ version: 1, code: 'DE01', bankAccounts: ['DE02120300000000202051'] });
  });

  test('the same input again is the same version; other input is the next one', async () => {
    const first = await upsert('GROWS');
    expect(await upsert('GROWS')).toEqual(first);
    expect(await upsert('GROWS', { name: 'Grown GmbH', expectedVersion: 1 })).toMatchObject({ id: first.id, version: 2, name: 'Grown GmbH' });
    expect(await rowsOf(world, LegalEntity, { code: 'GROWS' })).toHaveLength(1);
  });

  test('two tenants may have the same company code and bank account, under different ids', async () => {
    const theirs = await upsert('KNOWN', { bankAccounts: [IBAN] }, 'other');
    const [ours] = await rowsOf(world, LegalEntity, { code: 'KNOWN' });
    expect(theirs.id).not.toBe(ours!.id);
  });

  test.each<[string, string, string, Partial<UpsertLegalEntityInput>]>([
    ['a stale version', 'VERSION_STALE', 'expectedVersion', { name: 'Other', expectedVersion: 5 }],
    ['books in another currency', 'CURRENCY_FIXED', 'input.currency', { currency: 'USD' }],
    ['an unknown currency', 'CURRENCY_UNKNOWN', 'input.currency', { currency: 'XAU' }],
    ['an unknown time zone', 'TIME_ZONE_UNKNOWN', 'input.timeZone', { timeZone: 'Europe/Atlantis' }],
    ['an empty name', 'TEXT_INVALID', 'input.name', { name: '' }],
    ['an empty account', 'TEXT_INVALID', 'input.bankAccounts', { bankAccounts: [''] }],
    ['a code of 21 characters', 'TEXT_INVALID', 'input.code', { code: 'X'.repeat(21) }],
    ['the account of another entity', 'ACCOUNT_TAKEN', 'input.bankAccounts', { code: 'THIEF', bankAccounts: [IBAN.toLowerCase()] }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert('KNOWN', change))).toMatchObject({ code, path, retryable: false });
  });
});
