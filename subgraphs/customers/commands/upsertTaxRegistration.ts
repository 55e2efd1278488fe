import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { EVERYWHERE_ELSE, type TaxRate } from '../../../entities/customers/taxes';
import { TaxRegistration } from '../../../entities/customers/TaxRegistration';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { Checks } from '../../checks';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { TaxRateInput, UpsertTaxRegistrationInput } from '../api';
import { taxRegistrationUpserted } from '../events';
import { readCountry, readTaxRate } from '../rules';

/**
 * Says that a legal entity is registered for tax in a country, and at which rates it sells there, or makes the next version of it; documents already issued keep what they said. Everything
 * wrong with the rates is refused together: RATES_MISSING, RATE_REPEATED, TAX_RATE_INVALID, TEXT_INVALID.
 */
export async function upsertTaxRegistration(work: Work, input: UpsertTaxRegistrationInput): Promise<TaxRegistration> {
  const entity = await work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  const countryCode = input.countryCode === EVERYWHERE_ELSE ? EVERYWHERE_ELSE : readCountry(input.countryCode, 'input.countryCode');
  const validTo = input.validTo ?? null;
  if (validTo !== null && validTo < input.validFrom) throw new Refusal('VALIDITY_EMPTY', `It would end on ${validTo}, before it begins.`, 'input.validTo');
  const wanted = { number: readText(input.number, 'input.number', 40), validFrom: input.validFrom, validTo, taxRates: await readRates(input.rates) };
  const id = work.id('txr', { system: 'evenkeel', type: 'taxRegistration', key: `${entity.code}/${countryCode}` });
  const registration = await work.lockOrNew(TaxRegistration, { id, legalEntityId: entity.id, countryCode }, input.expectedVersion);
  if (work.put(registration, wanted)) work.tell(taxRegistrationUpserted(registration, { legalEntityCode: entity.code, countryCode, number: registration.number }));
  return registration;
}

async function readRates(rates: readonly TaxRateInput[]): Promise<TaxRate[]> {
  const checks = new Checks();
  const read: TaxRate[] = [];
  if (rates.length === 0) checks.refuse(new Refusal('RATES_MISSING', 'A registration without rates taxes nothing.', 'input.rates'));
  for (const [index, rate] of rates.entries()) {
    const path = `input.rates.${index}`;
    const one = await checks.look(() => ({
      category: readText(rate.category, `${path}.category`, 20), buyer: rate.buyer, taxCode: readText(rate.taxCode, `${path}.taxCode`, 20),
      ratePercent: readTaxRate(rate.ratePercent, `${path}.ratePercent`), from: rate.from,
    }));
    const repeated = one && read.some(({ category, buyer, from }) => category === one.category && buyer === one.buyer && from === one.from);
    if (repeated) checks.refuse(new Refusal('RATE_REPEATED', `${one.category} has two rates from ${one.from} on.`, path));
    if (one) read.push(one);
  }
  checks.done();
  return read;
}
