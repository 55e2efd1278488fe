import type { ContractPreview, PreviewedRevenue } from '../../../entities/contracts/ContractPreview';
import { tally } from '../../../entities/money';
import { describeChange } from '../../../entities/terms/changes';
import { monthOf } from '../../../entities/terms/days';
import { obligationsOf, RevenueMethod, spreadOf, valueOf, waterfall } from '../../../entities/terms/revenue';
import { allItems, type BilledItem, dueKey } from '../../../entities/terms/schedule';
import { type ContractTerms, edgesOf, untilOf } from '../../../entities/terms/terms';
import { money } from '../../../entities/types';
import type { Books } from '../../accounting';
import { unitsByProduct } from '../rules';

/** What the effects of a change are worked out from. */
export interface Given {
  before: ContractTerms;
  after: ContractTerms;
  today: string;
  currency: string;
  /** The billing run bills periods from this day on; null if it does not bill the contract. */
  billingFrom: string | null;
  /** What was billed so far. */
  billed: readonly BilledItem[];
  books: Books;
  /** The books with the taxes of what is sold to a customer today. */
  booksFor(customerId: string): Books;
}

const CHARGES_MAX = 500;

/** What a change of terms brings by itself: value, schedule, revenue month by month, and entitlements. Pure. */
export function changeEffects(given: Given): Pick<ContractPreview, 'valueBefore' | 'valueAfter' | 'changes' | 'schedule' | 'revenue' | 'entitlements'> {
  const { before, after, currency } = given;
  return {
    valueBefore: money(valueOf(before), currency),
    valueAfter: money(valueOf(after), currency),
    changes: describeChange(before, after),
    schedule: scheduleOf(given),
    revenue: revenueOf(given),
    entitlements: entitlementsOf(given),
  };
}

function scheduleOf({ after, today, billed, currency }: Given): ContractPreview['schedule'] {
  const done = new Set(billed.map((item) => dueKey({ ...item, period: { from: item.periodFrom } })));
  const open = allItems(after).filter((item) => item.billOn > today && !done.has(dueKey(item))).sort((a, b) => (a.billOn < b.billOn ? -1 : a.billOn > b.billOn ? 1 : 0));
  return open.slice(0, CHARGES_MAX).map(({ lineKey, legalEntityId, period, billOn, amountMinor }) => ({
    lineKey, legalEntityId, billOn, periodFrom: period.from, amount: money(amountMinor, currency),
  }));
}

/** Revenue by legal entity and month: what is spread by its curve, the rest with its invoice. */
export function revenueByMonth(terms: ContractTerms, books: Books): Map<string, bigint> {
  const months = new Map<string, bigint>();
  const add = (legalEntityId: string, month: string, minor: bigint) => tally(months, `${legalEntityId}|${month}`, minor);
  for (const { legalEntityId, productId, billOn, amountMinor, parts } of allItems(terms)) {
    if (parts[0]!.rated || !spreadOf(books(legalEntityId, productId)?.revenueMethod)) add(legalEntityId, monthOf(billOn), amountMinor);
  }
  for (const spread of [RevenueMethod.DAY, RevenueMethod.EVEN_MONTH, RevenueMethod.PRORATED_MONTH] as const) {
    for (const { legalEntityId, productId, curve } of obligationsOf(terms, () => spread)) {
      if (spreadOf(books(legalEntityId, productId)?.revenueMethod) !== spread) continue;
      for (const { month, amountMinor } of waterfall(curve)) add(legalEntityId, month, amountMinor);
    }
  }
  return months;
}

function revenueOf({ before, after, books, currency }: Given): PreviewedRevenue[] {
  const [was, willBe] = [revenueByMonth(before, books), revenueByMonth(after, books)];
  return [...new Set([...was.keys(), ...willBe.keys()])].sort().flatMap((key) => {
    const [legalEntityId, month] = key.split('|') as [string, string];
    const [old, now] = [was.get(key) ?? 0n, willBe.get(key) ?? 0n];
    return old === now ? [] : [{ legalEntityId, month, before: money(old, currency), after: money(now, currency) }];
  });
}

/** The days, today or later, from which a product gives other units than it would have. */
function entitlementsOf({ before, after, today }: Given): ContractPreview['entitlements'] {
  const edges = [before, after].flatMap((terms) => [terms.startDate, ...terms.lines.flatMap(({ steps }) => steps.flatMap(({ from, activates }) => [from, activates ?? from])), ...edgesOf(terms), untilOf(terms)]);
  const days = [...new Set([today, ...edges.filter((day) => day > today)])].sort();
  const last = new Map<string, string>();
  return days.flatMap((from) => {
    const [was, willBe] = [unitsByProduct(before, from), unitsByProduct(after, from)];
    return [...new Map([...was, ...willBe])].flatMap(([productId, { productKey }]) => {
      const units = { before: (was.get(productId)?.units ?? 0n).toString(), after: (willBe.get(productId)?.units ?? 0n).toString() };
      const told = `${units.before}|${units.after}`;
      const news = units.before !== units.after && last.get(productId) !== told;
      last.set(productId, told);
      return news ? [{ productKey, from, ...units }] : [];
    });
  });
}
