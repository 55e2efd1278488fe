import { sum } from '../money';
import { daysBetween, type Span } from './days';

/** How a charge for a whole period is divided when only a part of it is used. */
export enum ProrationPolicy {
  /** By the second. */
  SECOND = 'SECOND',
  /** By the minute begun. */
  MINUTE = 'MINUTE',
  /** By days, of as many as the period really has. */
  DAY_ACTUAL = 'DAY_ACTUAL',
  /** By days of months that all have 30: the 31st costs nothing, and the last of February costs for the days it lacks. */
  DAY_FIXED_30 = 'DAY_FIXED_30',
  /** Not at all: what is in force when the period, or the line in it, begins stays for the whole of it. */
  NONE = 'NONE',
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Milliseconds of a day's beginning (UTC) or of an ISO 8601 instant. */
const instantMs = (at: string) => Date.parse(at.length === 10 ? `${at}T00:00:00Z` : at);

/** Days since an arbitrary origin when every month has 30 (30E/360, counted from the first of the month). */
function fixedDays(day: string): number {
  const [year, month, date] = day.slice(0, 10).split('-').map(Number) as [number, number, number];
  return year * 360 + month * 30 + Math.min(date - 1, 30);
}

/** How much a part weighs beside others of the same period, measured as the policy says; never below zero. */
export function weightOf(policy: Exclude<ProrationPolicy, ProrationPolicy.NONE>, { from, until }: Span): bigint {
  switch (policy) {
    case ProrationPolicy.SECOND: return BigInt(Math.floor((instantMs(until) - instantMs(from)) / SECOND_MS));
    case ProrationPolicy.MINUTE: return BigInt(Math.ceil(instantMs(until) / MINUTE_MS) - Math.ceil(instantMs(from) / MINUTE_MS));
    case ProrationPolicy.DAY_ACTUAL: return BigInt(daysBetween(from.slice(0, 10), until.slice(0, 10)));
    case ProrationPolicy.DAY_FIXED_30: return BigInt(fixedDays(until) - fixedDays(from));
  }
}

/** A part of a period at a price of its own. */
export interface PricedPart extends Span {
  /** What the whole period would cost at the part's quantity and price, in minor units, not negative. */
  wholeMinor: bigint;
}

/**
 * The amounts of the parts of one period, in minor units. Their sum is the exact sum rounded half up, and who is furthest below
 * its exact share gets the odd units (largest remainder; the earlier of equals), so parts that fill the period at one price
 * sum to exactly that price, and parts of it to no more.
 */
export function prorate(policy: ProrationPolicy, period: Span, parts: readonly PricedPart[]): bigint[] {
  if (policy === ProrationPolicy.NONE) return parts.map(({ wholeMinor }, index) => (index === 0 ? wholeMinor : 0n));
  const whole = weightOf(policy, period);
  if (whole <= 0n) return parts.map(({ wholeMinor }, index) => (index === 0 ? wholeMinor : 0n));
  return largestRemainder(parts.map((part) => part.wholeMinor * weightOf(policy, part)), whole);
}

/** numerators/denominator as whole numbers that sum to the rounded exact sum. */
export function largestRemainder(numerators: readonly bigint[], denominator: bigint): bigint[] {
  const parts = numerators.map((numerator) => numerator / denominator);
  const total = (sum(numerators) * 2n + denominator) / (denominator * 2n);
  const byRemainder = numerators.map((numerator, index) => ({ index, rest: numerator % denominator })).sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  const odd = Number(total - sum(parts));
  for (const { index } of byRemainder.slice(0, odd)) parts[index]! += 1n;
  return parts;
}
