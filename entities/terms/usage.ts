import type { Span } from './days';
import { ProrationPolicy, weightOf } from './proration';
import { type Rated, rate } from './rating';
import { type ContractTerms, type LineTerms, periodsOf, rateOn, type Segment, segmentsOf, usageKey } from './terms';

/** A stretch of a billing period under one rate plan; `rated` once what was used in it is counted. */
export interface UsagePart extends Segment {
  rated?: Rated;
}

export interface PeriodUsage {
  period: Span;
  parts: UsagePart[];
}

/**
 * The usage of a line by billing period, for those that have begun by a day. A period is cut where its rate plan, its biller or its service changes: each
 * stretch is counted and rated by itself, with its share by days of what the plan includes. A stretch behind one that is not counted is not rated either
 * while prepaid units may be left: what it draws depends on the earlier one.
 */
export function lineUsage(terms: ContractTerms, line: LineTerms, by: string): PeriodUsage[] {
  const drawn = new Map<number, bigint | undefined>();
  const usage: PeriodUsage[] = [];
  for (const period of periodsOf(terms, line)) {
    if (period.from > by) break;
    usage.push({ period, parts: segmentsOf(terms, line, period).map((segment) => ratedPart(terms, line, { period, segment, drawn })) });
  }
  return usage;
}

interface At {
  period: Span;
  segment: Segment;
  /** Prepaid units of each term that are drawn; undefined once an earlier stretch is not counted. */
  drawn: Map<number, bigint | undefined>;
}

function ratedPart({ proration, usage }: ContractTerms, line: LineTerms, { period, segment, drawn }: At): UsagePart {
  const plan = rateOn(line, segment.from)!;
  const quantity = usage?.get(usageKey({ lineKey: line.lineKey, from: segment.from, until: segment.until }));
  const before = drawn.has(segment.term) ? drawn.get(segment.term) : 0n;
  const known = quantity !== undefined && (before !== undefined || plan.prepaidUnits === undefined);
  if (!known) {
    drawn.set(segment.term, undefined);
    return segment;
  }
  const weight = (from: string, until: string) => weightOf(proration === ProrationPolicy.NONE ? ProrationPolicy.DAY_ACTUAL : proration, { from, until });
  const share = { before: weight(period.from, segment.from), part: weight(segment.from, segment.until), whole: weight(period.from, period.until) };
  const rated = rate(plan, { quantity, decimals: line.meter!.decimals, share, drawn: before ?? 0n });
  if (before !== undefined) drawn.set(segment.term, before + rated.prepaid);
  return { ...segment, rated };
}
