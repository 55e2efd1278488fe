import { TaxBuyer } from '../../entities/customers/taxes';
import type { UpsertTaxRegistrationInput } from '../../subgraphs/customers/api';
import { upsertTaxRegistration } from '../../subgraphs/customers/commands/upsertTaxRegistration';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const RATE = { category: 'VAT20', buyer: TaxBuyer.ANY, taxCode: 'DE19', ratePercent: '19.0', from: '2026-01-01' };

describe.each(DATABASES)('upsertTaxRegistration on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeAll(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterAll(() => world.close());

  const upsert = (change: Partial<UpsertTaxRegistrationInput> = {}) =>
    world.do(upsertTaxRegistration, { legalEntityId: given.entity.id, countryCode: 'DE', number: 'DE123456789', validFrom: '2026-01-01', rates: [RATE], ...change });

  test('a legal entity has one registration a country, in versions', async () => {
    expect(await upsert()).toMatchObject({ version: 1, countryCode: 'DE', number: 'DE123456789', validTo: null, taxRates: [{ ...RATE, ratePercent: '19' }] });
    expect(await upsert()).toMatchObject({ version: 1 });
    expect(await upsert({ validTo: '2026-12-31', expectedVersion: 1 })).toMatchObject({ version: 2, validTo: '2026-12-31' });
    expect(await upsert({ countryCode: '*', number: 'OSS' })).toMatchObject({ version: 1, countryCode: '*' });
    expect((await world.told()).filter((type) => type === 'taxRegistration.upserted')).toHaveLength(3);
    const { data } = await world.ask('query($id: ID!) { legalEntity(id: $id) { taxRegistrations { countryCode rates { category taxCode ratePercent buyer from } } } }', { id: given.entity.id });
    expect(data.legalEntity.taxRegistrations).toHaveLength(2);
  });

  test.each<[string, string, string, Partial<UpsertTaxRegistrationInput>]>([
    ['a malformed legal entity', 'ID_MALFORMED', 'input.legalEntityId', { legalEntityId: MALFORMED_ID }],
    ['an unknown legal entity', 'NOT_FOUND', 'input.legalEntityId', { legalEntityId: unknownId('ent') }],
    ['a country in words', 'COUNTRY_MALFORMED', 'input.countryCode', { countryCode: 'Germany' }],
    ['an end before the beginning', 'VALIDITY_EMPTY', 'input.validTo', { validTo: '2025-12-31' }],
    ['no rate', 'RATES_MISSING', 'input.rates', { rates: [] }],
    ['a rate twice', 'RATE_REPEATED', 'input.rates.1', { rates: [RATE, { ...RATE, taxCode: 'OTHER' }] }],
    ['a rate above all of it', 'TAX_RATE_INVALID', 'input.rates.0.ratePercent', { rates: [{ ...RATE, ratePercent: '119' }] }],
    ['no tax code', 'TEXT_INVALID', 'input.rates.0.taxCode', { rates: [{ ...RATE, taxCode: '' }] }],
    ['no number', 'TEXT_INVALID', 'input.number', { number: ' ' }],
    ['a stale version', 'VERSION_STALE', 'expectedVersion', { expectedVersion: 9 }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => upsert({ countryCode: 'AT', ...change }))).toMatchObject({ code, path });
  });
});
