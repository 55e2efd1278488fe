import type { Customer } from '../../entities/customers/Customer';
import { Refusal } from '../../entities/refusal';
import type { CustomerDocument } from '../../sync/documents';

/** An email address as mail systems can take it: refuses EMAIL_MALFORMED. */
export function readEmail(text: string, path: string): string {
  if (text.length > 191 || !/^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(text)) {
    throw new Refusal('EMAIL_MALFORMED', 'That is not an e-mail address.', path);
  }
  return text;
}

/** ISO 3166-1 alpha-2 in form. Refuses COUNTRY_MALFORMED. */
export function readCountry(text: string, path: string): string {
  if (!/^[A-Z]{2}$/.test(text)) throw new Refusal('COUNTRY_MALFORMED', `${JSON.stringify(text)} is not an ISO 3166-1 alpha-2 code.`, path);
  return text;
}

/** An IANA zone this machine knows. Refuses TIME_ZONE_UNKNOWN. */
export function readTimeZone(text: string, path: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new Refusal('TIME_ZONE_UNKNOWN', `${JSON.stringify(text)} is not an IANA time zone.`, path);
  }
}

/** A percentage from 0 to 100 with up to four decimals. Refuses TAX_RATE_INVALID. */
export function readTaxRate(text: string, path: string): string {
  if (!/^(100|\d{1,2})(\.\d{1,4})?$/.test(text) || Number(text) > 100) {
    throw new Refusal('TAX_RATE_INVALID', `${JSON.stringify(text)} is not a percentage with up to four decimals.`, path);
  }
  const whole = text.replace(/^0+(?=\d)/, '');
  return whole.includes('.') ? whole.replace(/\.?0+$/, '') : whole;
}

/** An account number or IBAN as banks write it in files: spaces out, upper case. */
export function normalAccount(text: string): string {
  return text.replace(/\s+/g, '').toUpperCase();
}

/** The customer as other systems get it. */
export function customerDocument(customer: Customer): CustomerDocument {
  const { key, name, email, countryCode, currency, mergedIntoId } = customer;
  const plain = { key, name, email, countryCode, currency };
  return mergedIntoId === null ? plain : { ...plain, mergedIntoId };
}
