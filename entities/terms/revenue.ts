import { share, sum } from '../money';
import { addMonths, daysBetween, monthsOf, type Span } from './days';
import { allItems, type DueItem } from './schedule';
import { ChargeKind, type ContractTerms, type LineTerms, RevenueTreatment } from './terms';

/** How the revenue of an obligation is spread over its time. */
export enum RevenueMethod {
  /** All of it with the invoice. */
  ON_INVOICE = 'ON_INVOICE',
  /** By days. */
  DAY = 'DAY',
  /** Each month as much, beginning with the month of the first day. */
  EVEN_MONTH = 'EVEN_MONTH',
  /** Each full month as much; the first and the last by their days. */
  PRORATED_MONTH = 'PRORATED_MONTH',
}
export type SpreadMethod = Exclude<RevenueMethod, RevenueMethod.ON_INVOICE>;

/** How revenue is spread; undefined for what is revenue with its invoice. */
export const spreadOf = (method: RevenueMethod | undefined): SpreadMethod | undefined => (method === RevenueMethod.ON_INVOICE ? undefined : method);

/** From the day `since` on, revenue grows from `baseMinor` by `amountMinor` between `from` and `until`. */
export interface Layer extends Span {
  since: string;
  baseMinor: bigint;
  amountMinor: bigint;
}

/** The revenue of one obligation over time, layer over layer: one for what was sold first, one for each change since. */
export interface RevenueCurve {
  method: SpreadMethod;
  layers: Layer[];
}

/** A change of an obligation: its whole price from now on, when it ends, and how the books take it. */
export interface Modification {
  on: string;
  totalMinor: bigint;
  until: string;
  treatment: RevenueTreatment;
}

/** A multiple of 28, 29, 30 and 31: one month in units in which a day of any month is whole. */
const MONTH_UNITS = 377_580n;

function monthIndex(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}

/** How far the time from a layer's beginning to a day has come, in units of the method. */
function progress(method: SpreadMethod, from: string, day: string): bigint {
  switch (method) {
    case RevenueMethod.DAY: return BigInt(daysBetween(from, day));
    case RevenueMethod.EVEN_MONTH: return BigInt(monthIndex(day) - monthIndex(from));
    case RevenueMethod.PRORATED_MONTH: return monthUnits(day) - monthUnits(from);
  }
}

function monthUnits(day: string): bigint {
  const first = `${day.slice(0, 7)}-01`;
  const days = BigInt(daysBetween(first, addMonths(first, 1)));
  return BigInt(monthIndex(day)) * MONTH_UNITS + (BigInt(Number(day.slice(8)) - 1) * MONTH_UNITS) / days;
}

/** The whole time of a layer, in units of the method; zero for one that is over when it begins. */
function duration(method: SpreadMethod, { from, until }: Span): bigint {
  if (until <= from) return 0n;
  if (method !== RevenueMethod.EVEN_MONTH) return progress(method, from, until);
  const months = monthIndex(until) - monthIndex(from) + (until.slice(8) > from.slice(8) ? 1 : 0);
  return BigInt(Math.max(months, 1));
}

/**
 * What is recognized by the beginning of a day, in minor units. It is always the cumulative figure that is rounded (half up), so that the
 * amounts of the months, which are differences of it, sum to the whole.
 */
export function recognizedBy({ method, layers }: RevenueCurve, day: string): bigint {
  const layer = layers.findLast(({ since }) => since < day);
  if (!layer) return 0n;
  const { from, baseMinor, amountMinor } = layer;
  const whole = duration(method, layer);
  const done = progress(method, from, day);
  if (done >= whole) return baseMinor + amountMinor;
  return baseMinor + share(amountMinor, done, whole);
}

/**
 * The revenue curve of what was sold first and changed since, changes in order of their day (ASC 606-10-25-12 and -13):
 * a separate contract and a prospective change spread what is not recognized yet over the time that is left; a cumulative
 * catch-up measures all of it anew and takes the difference at once. A change on the first day is no change but what was sold.
 */
export function revenueCurve(method: SpreadMethod, sold: Span & { totalMinor: bigint }, changes: readonly Modification[]): RevenueCurve {
  const curve: RevenueCurve = { method, layers: [{ since: sold.from, from: sold.from, until: sold.until, baseMinor: 0n, amountMinor: sold.totalMinor }] };
  for (const { on, totalMinor, until, treatment } of changes) {
    if (on <= sold.from) curve.layers = [{ since: sold.from, from: sold.from, until, baseMinor: 0n, amountMinor: totalMinor }];
    else if (treatment === RevenueTreatment.CATCH_UP) curve.layers.push({ since: on, from: sold.from, until, baseMinor: 0n, amountMinor: totalMinor });
    else {
      const baseMinor = recognizedBy(curve, on);
      curve.layers.push({ since: on, from: on, until: until > on ? until : on, baseMinor, amountMinor: totalMinor - baseMinor });
    }
  }
  return curve;
}

/** What a curve recognizes in each month, in order; months with nothing are left out. */
export function waterfall(curve: RevenueCurve): { month: string; amountMinor: bigint }[] {
  const from = curve.layers[0]!.since;
  const until = curve.layers.map((layer) => (layer.until > layer.since ? layer.until : layer.since)).sort().at(-1)!;
  const months = monthsOf({ from, until: addMonths(until, 1) });
  const amounts = months.map((month) => {
    const first = `${month}-01`;
    return { month, amountMinor: recognizedBy(curve, addMonths(first, 1)) - recognizedBy(curve, first) };
  });
  return amounts.filter(({ amountMinor }) => amountMinor !== 0n);
}

/** What one legal entity owes its customer under one line during one term: the unit that revenue is recognized for. */
export interface Obligation {
  lineKey: string;
  productId: string;
  legalEntityId: string;
  term: number;
  curve: RevenueCurve;
}

/**
 * The obligations of a contract with their curves, each line by the method given for it; lines without one are left out, and so are billing periods
 * that begin before `since`: whoever billed them has their revenue too.
 */
export function obligationsOf(terms: ContractTerms, methodOf: (line: LineTerms) => SpreadMethod | undefined, since = ''): Obligation[] {
  return terms.lines.flatMap((line) => {
    const method = line.charge === ChargeKind.USAGE ? undefined : methodOf(line); // what was used is earned when it is billed
    return method ? obligationsOfLine(stagesOf(terms, line, since), line, method) : [];
  });
}

interface Stage {
  on: string;
  treatment: RevenueTreatment;
  parts: Map<string, { from: string; until: string; totalMinor: bigint }>;
}

function obligationsOfLine(stages: readonly Stage[], line: LineTerms, method: SpreadMethod): Obligation[] {
  const keys = [...new Set(stages.flatMap(({ parts }) => [...parts.keys()]))];
  return keys.map((key) => {
    const [term, legalEntityId] = key.split('|') as [string, string];
    const first = stages.findIndex(({ parts }) => parts.has(key));
    const sold = stages[first]!.parts.get(key)!;
    const changes: Modification[] = [];
    let before = sold;
    for (const { on, treatment, parts } of stages.slice(first + 1)) {
      const now = parts.get(key) ?? { from: before.from, until: on, totalMinor: 0n };
      if (now.totalMinor !== before.totalMinor || now.until !== before.until) changes.push({ on, totalMinor: now.totalMinor, until: now.until, treatment });
      before = now;
    }
    return { lineKey: line.lineKey, productId: line.productId, legalEntityId, term: Number(term), curve: revenueCurve(method, sold, changes) };
  });
}

/** What the line comes to as the contract stood after each of its changes, in order of the day from which they hold. */
function stagesOf(terms: ContractTerms, line: LineTerms, since: string): Stage[] {
  const { billedBy, suspensions, cancelledFrom } = terms;
  const days = [...line.steps, ...billedBy, ...suspensions].map(({ from }) => from);
  const edges = [...new Set([terms.startDate, ...days, ...(cancelledFrom === null ? [] : [cancelledFrom])])].sort();
  return edges.map((on) => {
    const steps = line.steps.filter(({ from }) => from <= on);
    const then: ContractTerms = {
      ...terms,
      cancelledFrom: cancelledFrom !== null && cancelledFrom <= on ? cancelledFrom : null,
      billedBy: billedBy.filter(({ from }, index) => index === 0 || from <= on),
      suspensions: suspensions.filter(({ from }) => from <= on),
      lines: [{ ...line, steps }],
    };
    const treatment = steps.find(({ from }) => from === on)?.treatment ?? RevenueTreatment.PROSPECTIVE;
    return { on, treatment, parts: totalsOf(then, since) };
  });
}

function totalsOf(terms: ContractTerms, since: string): Stage['parts'] {
  const totals: Stage['parts'] = new Map();
  for (const part of allItems(terms).filter(({ period }) => period.from >= since).flatMap(({ parts }) => parts)) {
    const key = `${part.term}|${part.legalEntityId}`;
    const known = totals.get(key) ?? { from: part.from, until: part.until, totalMinor: 0n };
    totals.set(key, {
      from: part.from < known.from ? part.from : known.from,
      until: part.until > known.until ? part.until : known.until,
      totalMinor: known.totalMinor + part.amountMinor,
    });
  }
  return totals;
}

/** What a contract comes to over all of its time, or a part of it, before tax. */
export const valueOf = (terms: ContractTerms, part: (item: DueItem) => boolean = () => true): bigint => sum(allItems(terms).filter(part).map(({ amountMinor }) => amountMinor));

/** What the customer has paid ahead, or is still to be billed for what was delivered: never both. */
export function balanceOf(billedMinor: bigint, recognizedMinor: bigint): { deferredMinor: bigint; contractAssetMinor: bigint } {
  const aheadMinor = billedMinor - recognizedMinor;
  return aheadMinor > 0n ? { deferredMinor: aheadMinor, contractAssetMinor: 0n } : { deferredMinor: 0n, contractAssetMinor: -aheadMinor };
}

/** What is known of a change of what was sold. */
export interface ModificationFacts {
  /** Whether anything is added that the customer can use by itself. */
  addsDistinct: boolean;
  /** Whether what is added is priced as if it were sold alone. */
  atStandAlonePrice: boolean;
  /** Whether what is still to be delivered is distinct from what has been: each day of a service is. */
  restIsDistinct: boolean;
}

/** How the books take a change, and why (ASC 606-10-25-12 and -13). */
export function treatmentOf({ addsDistinct, atStandAlonePrice, restIsDistinct }: ModificationFacts): { treatment: RevenueTreatment; reason: string } {
  if (addsDistinct && atStandAlonePrice) {
    return { treatment: RevenueTreatment.SEPARATE, reason: 'It adds distinct goods at their stand-alone selling price: a contract of its own (606-10-25-12).' };
  }
  if (restIsDistinct) {
    return { treatment: RevenueTreatment.PROSPECTIVE, reason: 'What is left is distinct from what was delivered: what is not recognized yet is spread over the rest (606-10-25-13a).' };
  }
  return { treatment: RevenueTreatment.CATCH_UP, reason: 'What is left is one obligation with what was delivered: progress is measured anew and the difference taken now (606-10-25-13b).' };
}
