import { sum } from '../money';
import { addDays, type Span } from './days';
import { prorate } from './proration';
import { BillingTiming, ChargeKind, type ContractTerms, type LineTerms, periodsOf, type Segment, segmentsOf, spanOf, usageKey } from './terms';
import type { Rated } from './rating';
import { lineUsage } from './usage';

/** A stretch of a billing period at one quantity and price, with its share of the charge. */
export interface DuePart extends Segment {
  amountMinor: bigint;
  /** How usage came to the amount. */
  rated?: Rated;
}

/** Who owes something of a contract to whom. */
export interface Parties {
  legalEntityId: string;
  customerId: string;
}

/** What a customer owes for one billing period of one line of a contract to one legal entity. */
export interface DueItem extends Parties {
  lineKey: string;
  productId: string;
  /** The whole billing period, also where only a part of it is owed. */
  period: Span;
  /** The day from which it may be billed. */
  billOn: string;
  amountMinor: bigint;
  parts: DuePart[];
  /** Usage that is not all counted yet: what was billed of it stands until it is. */
  open?: true;
}

/** Names a due item within its contract: the same for ever, whatever becomes of the terms. */
export const dueKey = ({ lineKey, period, legalEntityId, customerId }: Parties & { lineKey: string; period: Pick<Span, 'from'> }): string => `${lineKey}|${period.from}|${legalEntityId}|${customerId}`;

/**
 * Everything that a contract owes by its terms and may be billed on or before a day, in order of day and line.
 * A pure function of the terms: that is what makes a preview equal what is billed, and a second run bill nothing.
 */
export function dueItems(terms: ContractTerms, upTo: string): DueItem[] {
  const items = itemsBegun(terms, upTo).filter(({ billOn, open }) => billOn <= upTo && !open);
  return items.sort((a, b) => (a.billOn === b.billOn ? 0 : a.billOn < b.billOn ? -1 : 1));
}

/** Everything that a contract will have owed at its end, of usage what is counted so far. */
export const allItems = (terms: ContractTerms): DueItem[] => itemsBegun(terms, '9999-12-31').filter(({ open }) => !open);

/** The items whose period has begun by a day. */
function itemsBegun(terms: ContractTerms, by: string): DueItem[] {
  return terms.lines.flatMap((line) => {
    switch (line.charge) {
      case ChargeKind.ONE_TIME: return oneTime(terms, line);
      case ChargeKind.RECURRING: return recurring(terms, line, by);
      case ChargeKind.USAGE: return usageItems(terms, line, by);
    }
  });
}

function recurring(terms: ContractTerms, line: LineTerms, by: string): DueItem[] {
  const items: DueItem[] = [];
  for (const period of periodsOf(terms, line)) {
    if (period.from > by) break;
    const segments = segmentsOf(terms, line, period);
    const priced = segments.map((segment) => ({ ...segment, wholeMinor: segment.quantity * segment.unitPriceMinor }));
    const amounts = prorate(terms.proration, period, priced);
    items.push(...byParties(line, period, segments.map((segment, index) => ({ ...segment, amountMinor: amounts[index]! }))));
  }
  return items;
}

/** What usage comes to, period by period; a period is open while any of it is not counted. */
function usageItems(terms: ContractTerms, line: LineTerms, by: string): DueItem[] {
  const items: DueItem[] = [];
  for (const { period, parts } of lineUsage(terms, line, by)) {
    const priced = parts.map(({ rated, ...part }) => ({ ...part, amountMinor: rated?.amountMinor ?? 0n, ...(rated && { rated }) }));
    items.push(...byParties(line, period, priced).map((item): DueItem => (item.parts.every(({ rated }) => rated) ? item : { ...item, open: true })));
  }
  return items;
}

/** What is sold once is owed whole on its first day, at the quantity and price it comes to in the end. */
function oneTime(terms: ContractTerms, line: LineTerms): DueItem[] {
  const whole = spanOf(terms);
  const segments = whole ? segmentsOf(terms, line, whole) : [];
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last) return [];
  const part = { ...first, quantity: last.quantity, unitPriceMinor: last.unitPriceMinor, until: last.until };
  const { lineKey, productId } = line;
  const amountMinor = part.quantity * part.unitPriceMinor;
  const { from, until, legalEntityId, customerId } = part;
  return [{ lineKey, productId, legalEntityId, customerId, period: { from, until }, billOn: from, amountMinor, parts: [{ ...part, amountMinor }] }];
}

/** What is to be billed: all periods, or those that begin on a day or later. */
export interface BillingScope {
  upTo: string;
  since?: string;
}

/** Stretches of usage that are to be billed and are not counted yet; where units are prepaid, those before as well, for what is left depends on them. */
export function uncounted(terms: ContractTerms, { upTo, since = '' }: BillingScope): (Span & { line: LineTerms })[] {
  const due = itemsBegun(terms, upTo).filter(({ open, billOn }) => open && billOn <= upTo);
  return due.flatMap(({ lineKey, period, parts }) => {
    const line = terms.lines.find((one) => one.lineKey === lineKey)!;
    if (period.from < since && !line.steps.some(({ rate }) => rate?.prepaidUnits !== undefined)) return [];
    return parts.filter(({ from, until }) => !terms.usage?.has(usageKey({ lineKey, from, until }))).map(({ from, until }) => ({ line, from, until }));
  });
}

/** The stretch in which the usage of a day is counted, and the day from which it may be billed; undefined where the line gives nothing on that day. */
export function usageOn(terms: ContractTerms, line: LineTerms, day: string): (Span & { billOn: string }) | undefined {
  for (const period of periodsOf(terms, line, day)) {
    if (period.until <= day) continue;
    const items = byParties(line, period, segmentsOf(terms, line, period).map((segment) => ({ ...segment, amountMinor: 0n })));
    return items.flatMap(({ billOn, parts }) => parts.map(({ from, until }) => ({ from, until, billOn }))).find(({ from, until }) => from <= day && day < until);
  }
  return undefined;
}

function byParties({ lineKey, productId, timing, meter }: LineTerms, period: Span, parts: DuePart[]): DueItem[] {
  const pairs = parts.filter((part, index) => parts.findIndex((one) => sameParties(one, part)) === index);
  return pairs.map(({ legalEntityId, customerId }) => {
    const own = parts.filter((part) => sameParties(part, { legalEntityId, customerId }));
    const billOn = timing === BillingTiming.ADVANCE ? own[0]!.from : addDays(own.at(-1)!.until, meter?.graceDays ?? 0);
    return { lineKey, productId, legalEntityId, customerId, period, billOn, parts: own, amountMinor: sum(own.map(({ amountMinor }) => amountMinor)) };
  });
}

/** Whether two things are owed by the same customer to the same legal entity. */
export const sameParties = (a: Parties, b: Parties): boolean => a.legalEntityId === b.legalEntityId && a.customerId === b.customerId;

/** Who owes any of this to whom, each pair once, in one order. */
export const partiesOf = (items: readonly Parties[]): Parties[] =>
  items.filter((item, index) => items.findIndex((one) => sameParties(one, item)) === index)
    .sort((a, b) => (a.legalEntityId === b.legalEntityId ? (a.customerId < b.customerId ? -1 : 1) : a.legalEntityId < b.legalEntityId ? -1 : 1));

/** What was billed for an item so far, credits taken off; never negative. */
export interface BilledItem extends Parties {
  lineKey: string;
  periodFrom: string;
  amountMinor: bigint;
}

/** The first day after a day on which something falls due; null if nothing does any more. */
export function nextBillOn(terms: ContractTerms, after: string): string | null {
  const days = terms.lines.flatMap((line) => {
    return line.charge === ChargeKind.ONE_TIME ? oneTime(terms, line).map(({ billOn }) => billOn) : [firstDue(terms, line, after)];
  });
  return days.filter((day) => day !== undefined && day > after).sort()[0] ?? null;
}

function firstDue(terms: ContractTerms, line: LineTerms, after: string): string | undefined {
  const graceDays = line.meter?.graceDays ?? 0;
  for (const period of periodsOf(terms, line, addDays(after, -graceDays - 1))) {
    if (addDays(period.until, graceDays) < after) continue;
    const days = byParties(line, period, segmentsOf(terms, line, period).map((segment) => ({ ...segment, amountMinor: 0n }))).map(({ billOn }) => billOn);
    const due = days.filter((day) => day > after).sort()[0];
    if (due !== undefined) return due;
  }
  return undefined;
}

/** What an item still has to be charged (above zero) or credited (below). */
export interface Difference extends Parties {
  lineKey: string;
  productId: string | null;
  period: Span | null;
  periodFrom: string;
  dueMinor: bigint;
  billedMinor: bigint;
  deltaMinor: bigint;
  parts: DuePart[];
}

/**
 * What is owed less what was billed, item by item, where they differ. A credit is never above what was billed, because nothing owed is
 * negative. What was billed before its day (by hand) stays.
 */
export function differences(terms: ContractTerms, billed: readonly BilledItem[], { upTo, since = '' }: BillingScope): Difference[] {
  const before = new Map(billed.map((item) => [dueKey({ ...item, period: { from: item.periodFrom } }), item]));
  const lastBegun = billed.reduce((last, { periodFrom }) => (periodFrom > last ? periodFrom : last), upTo);
  const due = itemsBegun(terms, lastBegun).filter((item) => (item.billOn <= upTo && item.period.from >= since) || before.has(dueKey(item)));
  due.filter(({ open }) => open).forEach((item) => before.delete(dueKey(item)));
  const owed = due.filter(({ open }) => !open).map((item) => {
    const billedMinor = before.get(dueKey(item))?.amountMinor ?? 0n;
    before.delete(dueKey(item));
    const { lineKey, productId, legalEntityId, customerId, period, parts, amountMinor: dueMinor } = item;
    return { lineKey, productId, legalEntityId, customerId, period, periodFrom: period.from, dueMinor, billedMinor, deltaMinor: dueMinor - billedMinor, parts };
  });
  const gone = [...before.values()].map(({ lineKey, legalEntityId, customerId, periodFrom, amountMinor }) => ({
    lineKey, legalEntityId, customerId, periodFrom, productId: null, period: null, parts: [], dueMinor: 0n, billedMinor: amountMinor, deltaMinor: -amountMinor,
  }));
  return [...owed, ...gone].filter(({ deltaMinor }) => deltaMinor !== 0n);
}
