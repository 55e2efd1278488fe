import { Refusal } from './refusal';
import { CURRENCY_DIGITS } from './currencies';

/** An exact amount: whole minor units of an ISO 4217 currency (EUR 12.30 is `{ minor: 1230n, currency: 'EUR' }`). */
export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

/** The largest amount taken in, either sign: it fits a signed 64-bit column with room for sums of a thousand of them. */
export const AMOUNT_MINOR_MAX = 9_000_000_000_000_000n;

/** Digits after the decimal point of a currency. Refuses CURRENCY_UNKNOWN. */
export function digitsOf(currency: string, path = 'currency'): number {
  const digits = CURRENCY_DIGITS.get(currency);
  if (digits === undefined) throw new Refusal('CURRENCY_UNKNOWN', `${JSON.stringify(currency)} is no ISO 4217 currency.`, path);
  return digits;
}

/** Reads whole minor units as they travel: an optional minus and digits. Refuses AMOUNT_MALFORMED, AMOUNT_TOO_LARGE. */
export function parseMinor(text: string, path = 'amountMinor'): bigint {
  if (!/^-?\d{1,20}$/.test(text)) {
    throw new Refusal('AMOUNT_MALFORMED', `${JSON.stringify(text)} is not a whole number of minor units.`, path);
  }
  const minor = BigInt(text);
  if (minor > AMOUNT_MINOR_MAX || minor < -AMOUNT_MINOR_MAX) {
    throw new Refusal('AMOUNT_TOO_LARGE', `${text} is beyond ${AMOUNT_MINOR_MAX} minor units.`, path);
  }
  return minor;
}

/** Reads a decimal string as people and bank files write it. Refuses AMOUNT_MALFORMED and AMOUNT_TOO_PRECISE; it never rounds. */
export function parseDecimal(text: string, currency: string, path = 'amount'): bigint {
  const digits = digitsOf(currency, path);
  const match = /^([+-]?)(\d{1,18})(?:\.(\d*))?$/.exec(text);
  if (!match) throw new Refusal('AMOUNT_MALFORMED', `${JSON.stringify(text)} is not a decimal amount.`, path);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) {
    throw new Refusal('AMOUNT_TOO_PRECISE', `${text} has more than the ${digits} decimals of ${currency}.`, path);
  }
  const minor = BigInt(match[2]! + fraction.padEnd(digits, '0'));
  return parseMinor(String(match[1] === '-' ? -minor : minor), path);
}

/** Writes minor units as a decimal string with exactly the currency's digits: 1230 EUR is `12.30`. */
export function formatDecimal(minor: bigint, currency: string): string {
  const digits = digitsOf(currency);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** a + b. Mixing currencies is a bug in the caller, so it throws RangeError. */
export function plus(a: Amount, b: Amount): Amount {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} plus ${b.currency}`);
  return { minor: a.minor + b.minor, currency: a.currency };
}

/** a − b. Mixing currencies is a bug in the caller, so it throws RangeError. */
export function minus(a: Amount, b: Amount): Amount {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} minus ${b.currency}`);
  return { minor: a.minor - b.minor, currency: a.currency };
}

/** The sum of minor units. */
export function sum(parts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const part of parts) total += part;
  return total;
}

/** Adds to the amount kept under a key; each begins at nothing. */
export function tally<Key>(amounts: Map<Key, bigint>, key: Key, minor: bigint): void {
  amounts.set(key, (amounts.get(key) ?? 0n) + minor);
}

/** numerator/denominator of a minor-unit amount, rounded half up away from zero (the usual commercial rounding of tax). */
export function share(minor: bigint, numerator: bigint, denominator: bigint): bigint {
  const product = minor * numerator;
  const negative = product < 0n;
  const doubled = (negative ? -product : product) * 2n + denominator;
  const rounded = doubled / (denominator * 2n);
  return negative ? -rounded : rounded;
}

/** Splits a whole ≥ 0 by weights ≥ 0 so that the parts sum to it; the earliest parts that weigh anything take the odd units. */
export function split(whole: bigint, weights: readonly bigint[]): bigint[] {
  const weight = sum(weights);
  if (weight <= 0n) throw new RangeError('weights sum to nothing');
  const parts = weights.map((w) => (whole * w) / weight);
  let rest = whole - sum(parts);
  return parts.map((part, index) => (rest > 0n && weights[index]! > 0n ? (rest--, part + 1n) : part));
}
