import { type Registered, type Sale, TaxBuyer, taxOf } from '../../entities/customers/taxes';
import { Refusal } from '../../entities/refusal';

const rate = (taxCode: string, ratePercent: string, from = '2020-01-01', buyer = TaxBuyer.ANY, category = 'STANDARD') => ({ category, buyer, taxCode, ratePercent, from });
const GERMANY: Registered = { countryCode: 'DE', validFrom: '2020-01-01', validTo: null, taxRates: [rate('DE19', '19'), rate('DE16', '16', '2020-07-01'), rate('DE19', '19', '2021-01-01'), rate('DE7', '7', '2020-01-01', TaxBuyer.ANY, 'BOOKS')] };
const FRANCE: Registered = { countryCode: 'FR', validFrom: '2026-07-01', validTo: '2026-12-31', taxRates: [rate('FR20', '20')] };
const ELSEWHERE: Registered = { countryCode: '*', validFrom: '2020-01-01', validTo: null, taxRates: [rate('RC', '0', '2020-01-01', TaxBuyer.BUSINESS), rate('OSS', '21', '2020-01-01', TaxBuyer.CONSUMER), rate('OLD', '1')] };
const ALL = [GERMANY, FRANCE, ELSEWHERE];

test.each<[string, Partial<Sale>, string]>([
  ['at home', {}, 'DE19 19'],
  ['in the months of another rate', { on: '2020-12-31' }, 'DE16 16'],
  ['after them', { on: '2021-01-01' }, 'DE19 19'],
  ['of another category', { category: 'BOOKS' }, 'DE7 7'],
  ['where it is registered by then', { countryCode: 'FR', on: '2026-07-01' }, 'FR20 20'],
  ['where it is not yet, to a business', { countryCode: 'FR', on: '2026-06-30', isBusiness: true }, 'RC 0'],
  ['where it is no longer, to a consumer', { countryCode: 'FR', on: '2027-01-01' }, 'OSS 21'],
  ['where it never was', { countryCode: 'US', isBusiness: true }, 'RC 0'],
])('a sale %s', (_where, change, tax) => {
  const { taxCode, taxRatePercent } = taxOf(ALL, { countryCode: 'DE', isBusiness: false, category: 'STANDARD', on: '2026-11-24', ...change });
  expect(`${taxCode} ${taxRatePercent}`).toBe(tax);
});

test.each<[string, readonly Registered[], Partial<Sale>, string]>([
  ['to nowhere', ALL, { countryCode: null }, 'TAX_COUNTRY_MISSING'],
  ['where nothing is registered', [GERMANY], { countryCode: 'FR' }, 'TAX_NEXUS_MISSING'],
  ['of a category without a rate', [GERMANY], { category: 'FOOD' }, 'TAX_RATE_MISSING'],
  ['before the first rate', [{ ...GERMANY, validFrom: '2000-01-01' }], { on: '2019-12-31' }, 'TAX_RATE_MISSING'],
])('a sale %s is refused', (_what, registrations, change, code) => {
  const sale = { countryCode: 'DE', isBusiness: false, category: 'STANDARD', on: '2026-11-24', ...change };
  expect(() => taxOf(registrations, sale)).toThrow(Refusal);
  expect(() => taxOf(registrations, sale)).toThrow(expect.objectContaining({ code }));
});
