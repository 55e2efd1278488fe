import { Refusal } from '../refusal';

/** Whom a rate is for. */
export enum TaxBuyer {
  ANY = 'ANY',
  /** Customers with a tax number. */
  BUSINESS = 'BUSINESS',
  /** Customers without one. */
  CONSUMER = 'CONSUMER',
}

/** How what is sold of a category is taxed from a day on, until the next one for the same category and buyers. */
export interface TaxRate {
  /** The tax code that products, or their accounting in a legal entity, have. */
  category: string;
  buyer: TaxBuyer;
  taxCode: string;
  /** Percent with up to four decimals, as text. */
  ratePercent: string;
  from: string;
}

/** A legal entity's registration for tax in a country, or in all others that it has none in (`*`). */
export interface Registered {
  countryCode: string;
  validFrom: string;
  /** Last day; null until further notice. */
  validTo: string | null;
  taxRates: readonly TaxRate[];
}

/** What decides how a line is taxed: services are taxed where the buyer is. */
export interface Sale {
  countryCode: string | null;
  isBusiness: boolean;
  category: string;
  /** The day of the invoice. */
  on: string;
}

export interface Tax {
  taxCode: string;
  taxRatePercent: string;
}

export const EVERYWHERE_ELSE = '*';

/**
 * The tax of a sale by the registrations of who sells: that of the buyer's country, or else of everywhere else. Refuses TAX_COUNTRY_MISSING, TAX_NEXUS_MISSING (registered
 * neither there nor for everywhere else), TAX_RATE_MISSING.
 */
export function taxOf(registrations: readonly Registered[], { countryCode, isBusiness, category, on }: Sale, path = ''): Tax {
  if (countryCode === null) throw new Refusal('TAX_COUNTRY_MISSING', 'The customer has no country, which decides on the tax.', path);
  const valid = registrations.filter(({ validFrom, validTo }) => validFrom <= on && (validTo === null || on <= validTo));
  const registered = valid.find((one) => one.countryCode === countryCode) ?? valid.find((one) => one.countryCode === EVERYWHERE_ELSE);
  if (!registered) throw new Refusal('TAX_NEXUS_MISSING', `On ${on} there is no tax registration for customers in ${countryCode}.`, path);
  const buyers = [TaxBuyer.ANY, isBusiness ? TaxBuyer.BUSINESS : TaxBuyer.CONSUMER];
  const rates = registered.taxRates.filter((rate) => rate.category === category && rate.from <= on && buyers.includes(rate.buyer));
  const rate = rates.sort((a, b) => (a.from === b.from ? Number(a.buyer === TaxBuyer.ANY) - Number(b.buyer === TaxBuyer.ANY) : a.from < b.from ? 1 : -1))[0];
  if (!rate) throw new Refusal('TAX_RATE_MISSING', `The registration for ${registered.countryCode} has no rate for ${category} on ${on}, for ${isBusiness ? 'businesses' : 'consumers'}.`, path);
  return { taxCode: rate.taxCode, taxRatePercent: rate.ratePercent };
}
