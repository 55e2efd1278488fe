import { addDays, addMonths, cut, monthsBetween, overlap, type Span } from './days';
import { ProrationPolicy } from './proration';
import type { RatePlan } from './rating';

export enum ChargeKind {
  /** The same for every billing period. */
  RECURRING = 'RECURRING',
  /** Once, on the day it begins. */
  ONE_TIME = 'ONE_TIME',
  /** By what a meter counted in a billing period, after it. */
  USAGE = 'USAGE',
}

export enum BillingTiming {
  /** On the first day of what it is for. */
  ADVANCE = 'ADVANCE',
  /** On the day after the last one of what it is for. */
  ARREARS = 'ARREARS',
}

/** How the books take a change of what was sold (ASC 606-10-25-12 and -13). */
export enum RevenueTreatment {
  SEPARATE = 'SEPARATE',
  PROSPECTIVE = 'PROSPECTIVE',
  CATCH_UP = 'CATCH_UP',
}

/** From a day on, another quantity or another price; what it does not say stays as it was. */
export interface LineStep {
  from: string;
  /** Whole units, as text. */
  quantity?: string;
  /** Price of one unit for one billing period, in minor units, as text. */
  unitPriceMinor?: string;
  /** The day from which the customer may use it, when it is another than `from`. */
  activates?: string;
  /** What usage costs, on a line that is charged by it. */
  rate?: RatePlan;
  /** How the books take this change; left out where the line begins. */
  treatment?: RevenueTreatment;
}

/** What counts the usage of a line. It is as it was when the line was made. */
export interface LineMeter {
  meterId: string;
  /** Digits after the decimal point of what it counts. */
  decimals: number;
  /** Days after a billing period in which its events may still come in before it is billed. */
  graceDays: number;
}

/** One line of a contract over time. */
export interface LineTerms {
  /** Names the line within its contract for ever; a product's key unless the contract has several lines of it. */
  lineKey: string;
  productId: string;
  productKey: string;
  charge: ChargeKind;
  /** Months of one billing period. */
  periodMonths: number;
  timing: BillingTiming;
  /** Of a line that is charged by usage. */
  meter?: LineMeter;
  /** By day, one a day at most. */
  steps: LineStep[];
}

/** What follows from a contract for billing, revenue and entitlements: all of it is computed from this alone. */
export interface ContractTerms {
  /** First day; billing periods are counted from it. */
  startDate: string;
  /** Last day. */
  endDate: string;
  /** The terms one after the other, without gaps: the first one and each renewal. */
  terms: Span[];
  /** From this day on nothing is used or owed any more. */
  cancelledFrom: string | null;
  /** Who bills, from which day on. The first begins with the contract. */
  billedBy: { from: string; legalEntityId: string }[];
  /** Whose contract it is, from which day on: who uses it, and for whom it is billed. The first begins with the contract. */
  ownedBy: { from: string; customerId: string }[];
  /** Times without service and without charge; null until further notice. */
  suspensions: { from: string; until: string | null }[];
  proration: ProrationPolicy;
  lines: LineTerms[];
  /** What meters counted, by `usageKey`, in 10^-decimals of a unit. What is not here is not known yet, and not owed yet. */
  usage?: ReadonlyMap<string, bigint>;
}

/** Names a stretch of a line for which usage is counted. */
export const usageKey = ({ lineKey, from, until }: { lineKey: string } & Span): string => `${lineKey}|${from}|${until}`;

const PERIODS_MAX = 1_200;
const FOR_EVER = '9999-12-31';

/** The day after the last one on which the contract still gives or takes anything. */
export function untilOf({ endDate, cancelledFrom }: Pick<ContractTerms, 'endDate' | 'cancelledFrom'>): string {
  const end = addDays(endDate, 1);
  return cancelledFrom !== null && cancelledFrom < end ? cancelledFrom : end;
}

/** The whole time of a contract; undefined if it was cancelled before it began. */
export function spanOf(terms: ContractTerms): Span | undefined {
  return overlap({ from: terms.startDate, until: untilOf(terms) }, { from: terms.startDate, until: FOR_EVER });
}

/** Quantity and price of a line on a day; none before its first step. */
export function lineOn(line: Pick<LineTerms, 'steps'>, day: string): { quantity: bigint; unitPriceMinor: bigint } {
  const of = (name: 'quantity' | 'unitPriceMinor') => {
    const last = line.steps.filter((step) => step.from <= day && step[name] !== undefined).at(-1);
    return BigInt(last?.[name] ?? '0');
  };
  return { quantity: of('quantity'), unitPriceMinor: of('unitPriceMinor') };
}

/** What the usage of a line costs on a day; undefined before its first step, and for a line that is not charged by usage. */
export const rateOn = ({ steps }: Pick<LineTerms, 'steps'>, day: string): RatePlan | undefined => steps.filter(({ from, rate }) => from <= day && rate !== undefined).at(-1)?.rate;

/** Who bills on a day. */
export function billerOn({ billedBy }: Pick<ContractTerms, 'billedBy'>, day: string): string {
  return (billedBy.filter(({ from }) => from <= day).at(-1) ?? billedBy[0]!).legalEntityId;
}

/** Whose contract it is on a day. */
export function ownerOn({ ownedBy }: Pick<ContractTerms, 'ownedBy'>, day: string): string {
  return (ownedBy.filter(({ from }) => from <= day).at(-1) ?? ownedBy[0]!).customerId;
}

export function isSuspended({ suspensions }: Pick<ContractTerms, 'suspensions'>, day: string): boolean {
  return suspensions.some(({ from, until }) => from <= day && (until === null || day < until));
}

/** A stretch of a line on which nothing changes. */
export interface Segment extends Span {
  quantity: bigint;
  unitPriceMinor: bigint;
  legalEntityId: string;
  customerId: string;
  /** Which of the contract's terms it lies in. */
  term: number;
}

/** Every day on which something of the contract as a whole changes. */
export function edgesOf(terms: ContractTerms): string[] {
  const suspended = terms.suspensions.flatMap(({ from, until }) => (until === null ? [from] : [from, until]));
  return [...terms.billedBy.map(({ from }) => from), ...terms.ownedBy.map(({ from }) => from), ...terms.terms.map(({ from }) => from), ...suspended];
}

/** The stretches of a line within a span in which it gives something: suspended and empty ones are left out. */
export function segmentsOf(terms: ContractTerms, line: LineTerms, within: Span): Segment[] {
  const whole = spanOf(terms);
  const span = whole && overlap(whole, within);
  if (!span) return [];
  return cut(span, [...line.steps.map(({ from }) => from), ...edgesOf(terms)]).flatMap(({ from, until }) => {
    const now = lineOn(line, from);
    if (now.quantity === 0n || isSuspended(terms, from)) return [];
    const term = terms.terms.findLastIndex((one) => one.from <= from);
    return [{ from, until, ...now, legalEntityId: billerOn(terms, from), customerId: ownerOn(terms, from), term: Math.max(term, 0) }];
  });
}

/**
 * The billing periods of a line, counted from the first day of the contract so that all lines fall due together (co-term); from the last one that has begun by
 * `since` on.
 */
export function* periodsOf(terms: ContractTerms, line: Pick<LineTerms, 'periodMonths'>, since = terms.startDate): Generator<Span> {
  const whole = spanOf(terms);
  const first = Math.max(0, Math.floor((monthsBetween(terms.startDate, since) - 1) / line.periodMonths)); // one month early: months have unlike ends
  for (let count = first; whole && count < PERIODS_MAX; count++) {
    const from = addMonths(terms.startDate, count * line.periodMonths);
    if (from >= whole.until) return;
    yield { from, until: addMonths(terms.startDate, (count + 1) * line.periodMonths) };
  }
}

/** The first day after `day` on which quantity, price, biller, owner, service or term of the contract changes, its end included; null if it stays as it is. */
export function nextEdge(terms: ContractTerms, day: string): string | null {
  const steps = terms.lines.flatMap((line) => line.steps).flatMap(({ from, activates }) => [from, activates ?? from]);
  const all = [...steps, ...edgesOf(terms), untilOf(terms)];
  return all.filter((edge) => edge > day && edge <= untilOf(terms)).sort()[0] ?? null;
}
