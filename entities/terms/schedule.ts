import { sum } from '../money';
import { addMonths, type Span } from './days';
import { prorate } from './proration';
import { BillingTiming, ChargeKind, type ContractTerms, type LineTerms, type Segment, segmentsOf, spanOf } from './terms';

/** A stretch of a billing period at one quantity and price, with its share of the charge. */
export interface DuePart extends Segment {
  amountMinor: bigint;
}

/** What a contract owes for one billing period of one line to one legal entity. */
export interface DueItem {
  lineKey: string;
  productId: string;
  legalEntityId: string;
  /** The whole billing period, also where only a part of it is owed. */
  period: Span;
  /** The day from which it may be billed. */
  billOn: string;
  amountMinor: bigint;
  parts: DuePart[];
}

const PERIODS_MAX = 1_200;

/** Names a due item within its contract: the same for ever, whatever becomes of the terms. */
export const dueKey = ({ lineKey, period, legalEntityId }: { lineKey: string; period: Pick<Span, 'from'>; legalEntityId: string }): string => `${lineKey}|${period.from}|${legalEntityId}`;

/**
 * Everything that a contract owes by its terms and may be billed on or before a day, in order of day and line.
 * A pure function of the terms: that is what makes a preview equal what is billed, and a second run bill nothing.
 */
export function dueItems(terms: ContractTerms, upTo: string): DueItem[] {
  const items = itemsBegun(terms, upTo).filter(({ billOn }) => billOn <= upTo);
  return items.sort((a, b) => (a.billOn === b.billOn ? 0 : a.billOn < b.billOn ? -1 : 1));
}

/** Everything that a contract will have owed at its end. */
export const allItems = (terms: ContractTerms): DueItem[] => itemsBegun(terms, '9999-12-31');

/** The items whose period has begun by a day. */
function itemsBegun(terms: ContractTerms, by: string): DueItem[] {
  return terms.lines.flatMap((line) => {
    return line.charge === ChargeKind.ONE_TIME ? oneTime(terms, line) : recurring(terms, line, by);
  });
}

/** The billing periods of a line, counted from the first day of the contract so that all lines fall due together (co-term). */
export function* periodsOf(terms: ContractTerms, line: Pick<LineTerms, 'periodMonths'>): Generator<Span> {
  const whole = spanOf(terms);
  for (let count = 0; whole && count < PERIODS_MAX; count++) {
    const from = addMonths(terms.startDate, count * line.periodMonths);
    if (from >= whole.until) return;
    yield { from, until: addMonths(terms.startDate, (count + 1) * line.periodMonths) };
  }
}

function recurring(terms: ContractTerms, line: LineTerms, by: string): DueItem[] {
  const items: DueItem[] = [];
  for (const period of periodsOf(terms, line)) {
    if (period.from > by) break;
    const segments = segmentsOf(terms, line, period);
    const priced = segments.map((segment) => ({ ...segment, wholeMinor: segment.quantity * segment.unitPriceMinor }));
    const amounts = prorate(terms.proration, period, priced);
    items.push(...byEntity(line, period, segments.map((segment, index) => ({ ...segment, amountMinor: amounts[index]! }))));
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
  const { from, until, legalEntityId } = part;
  return [{ lineKey, productId, legalEntityId, period: { from, until }, billOn: from, amountMinor, parts: [{ ...part, amountMinor }] }];
}

function byEntity({ lineKey, productId, timing }: LineTerms, period: Span, parts: DuePart[]): DueItem[] {
  const entities = [...new Set(parts.map(({ legalEntityId }) => legalEntityId))];
  return entities.map((legalEntityId) => {
    const own = parts.filter((part) => part.legalEntityId === legalEntityId);
    const billOn = timing === BillingTiming.ADVANCE ? own[0]!.from : own.at(-1)!.until;
    return { lineKey, productId, legalEntityId, period, billOn, parts: own, amountMinor: sum(own.map(({ amountMinor }) => amountMinor)) };
  });
}

/** What was billed for an item so far, credits taken off; never negative. */
export interface BilledItem {
  lineKey: string;
  periodFrom: string;
  legalEntityId: string;
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
  for (const period of periodsOf(terms, line)) {
    if (period.until < after) continue;
    const days = byEntity(line, period, segmentsOf(terms, line, period).map((segment) => ({ ...segment, amountMinor: 0n }))).map(({ billOn }) => billOn);
    const due = days.filter((day) => day > after).sort()[0];
    if (due !== undefined) return due;
  }
  return undefined;
}

/** What an item still has to be charged (above zero) or credited (below). */
export interface Difference {
  lineKey: string;
  productId: string | null;
  legalEntityId: string;
  period: Span | null;
  periodFrom: string;
  dueMinor: bigint;
  billedMinor: bigint;
  deltaMinor: bigint;
  parts: DuePart[];
}

/** What is to be billed: all periods, or those that begin on a day or later. */
export interface BillingScope {
  upTo: string;
  since?: string;
}

/**
 * What is owed less what was billed, item by item, where they differ. A credit is never above what was billed, because nothing owed is
 * negative. What was billed before its day (by hand) stays.
 */
export function differences(terms: ContractTerms, billed: readonly BilledItem[], { upTo, since = '' }: BillingScope): Difference[] {
  const before = new Map(billed.map((item) => [dueKey({ ...item, period: { from: item.periodFrom } }), item]));
  const lastBegun = billed.reduce((last, { periodFrom }) => (periodFrom > last ? periodFrom : last), upTo);
  const due = itemsBegun(terms, lastBegun).filter((item) => (item.billOn <= upTo && item.period.from >= since) || before.has(dueKey(item)));
  const owed = due.map((item) => {
    const billedMinor = before.get(dueKey(item))?.amountMinor ?? 0n;
    before.delete(dueKey(item));
    const { lineKey, productId, legalEntityId, period, parts, amountMinor: dueMinor } = item;
    return { lineKey, productId, legalEntityId, period, periodFrom: period.from, dueMinor, billedMinor, deltaMinor: dueMinor - billedMinor, parts };
  });
  const gone = [...before.values()].map(({ lineKey, legalEntityId, periodFrom, amountMinor }) => ({
    lineKey, legalEntityId, periodFrom, productId: null, period: null, parts: [], dueMinor: 0n, billedMinor: amountMinor, deltaMinor: -amountMinor,
  }));
  return [...owed, ...gone].filter(({ deltaMinor }) => deltaMinor !== 0n);
}
