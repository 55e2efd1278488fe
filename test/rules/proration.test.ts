import fc from 'fast-check';
import { sum } from '../../entities/money';
import { addDays, addMonths, cut, daysBetween, monthsOf, overlap } from '../../entities/terms/days';
import { largestRemainder, prorate, ProrationPolicy } from '../../entities/terms/proration';
import { days } from './termsGiven';

const { SECOND, MINUTE, DAY_ACTUAL, DAY_FIXED_30, NONE } = ProrationPolicy;
const POLICIES = Object.values(ProrationPolicy);

/** Two prices for one month, the second from `change` on. */
const halves = (policy: ProrationPolicy, [from, change, until]: [string, string, string], [before, after]: [bigint, bigint]) =>
  prorate(policy, { from, until }, [{ from, until: change, wholeMinor: before }, { from: change, until, wholeMinor: after }]);

describe('proration by the conventions of the field', () => {
  test.each`
    policy          | change                    | month        | prices                | parts               | source
    ${DAY_ACTUAL}   | ${'2026-01-15'}           | ${'2026-01'} | ${[10_000n, 20_000n]} | ${[4_516n, 10_968n]} | ${'14/31 of 100.00, then 17/31 of 200.00'}
    ${SECOND}       | ${'2026-04-16'}           | ${'2026-04'} | ${[1_000n, 2_000n]}   | ${[500n, 1_000n]}   | ${'10 to 20 at half of the period: -5 and +10'}
    ${SECOND}       | ${'2026-04-16T00:00:01Z'} | ${'2026-04'} | ${[2_592_000n, 0n]}   | ${[1_296_001n, 0n]} | ${'a second of thirty days'}
    ${MINUTE}       | ${'2026-04-16T00:00:01Z'} | ${'2026-04'} | ${[43_200n, 0n]}      | ${[21_601n, 0n]}    | ${'a minute begun of thirty days'}
    ${DAY_FIXED_30} | ${'2026-01-16'}           | ${'2026-01'} | ${[3_000n, 6_000n]}   | ${[1_500n, 3_000n]} | ${'15 and 15 of 30'}
    ${DAY_FIXED_30} | ${'2026-01-31'}           | ${'2026-01'} | ${[3_000n, 6_000n]}   | ${[3_000n, 0n]}     | ${'the 31st costs nothing'}
    ${DAY_FIXED_30} | ${'2026-02-28'}           | ${'2026-02'} | ${[3_000n, 6_000n]}   | ${[2_700n, 600n]}   | ${'the last of February costs for three days'}
    ${NONE}         | ${'2026-01-15'}           | ${'2026-01'} | ${[10_000n, 20_000n]} | ${[10_000n, 0n]}    | ${'what is in force at first stays'}
  `('$policy, changed on $change: $source', ({ policy, change, month, prices, parts }) => {
    const from = `${month}-01`;
    expect(halves(policy, [from, change, addMonths(from, 1)], prices)).toEqual(parts);
  });
});

describe('properties of proration', () => {
  const policy = fc.constantFrom(...POLICIES);
  const period = fc.tuple(days(), fc.integer({ min: 1, max: 24 })).map(([from, months]) => ({ from, until: addMonths(from, months) }));
  const price = fc.bigInt({ min: 0n, max: 9_000_000_000_000n });
  const cuts = fc.array(fc.integer({ min: 1, max: 800 }), { maxLength: 6 });

  test('the parts of a whole period at one price sum to it, whatever the policy', () => {
    fc.assert(fc.property(policy, period, price, cuts, (by, whole, wholeMinor, at) => {
      const parts = cut(whole, at.map((offset) => addDays(whole.from, offset))).map((span) => ({ ...span, wholeMinor }));
      expect(sum(prorate(by, whole, parts))).toBe(wholeMinor);
    }), { numRuns: 1_000 });
  });

  test('a part costs neither less than nothing nor more than the whole', () => {
    fc.assert(fc.property(policy, period, price, cuts, (by, whole, wholeMinor, at) => {
      const parts = cut(whole, at.map((offset) => addDays(whole.from, offset))).map((span) => ({ ...span, wholeMinor }));
      const some = parts.filter((_, index) => index % 2 === 0);
      const amounts = prorate(by, whole, some);
      expect(amounts.every((amount) => amount >= 0n)).toBe(true);
      expect(sum(amounts)).toBeLessThanOrEqual(wholeMinor);
    }), { numRuns: 1_000 });
  });

  test('largest remainder: each part is its exact share rounded down or up, and the sum is the exact one rounded', () => {
    fc.assert(fc.property(fc.array(price, { minLength: 1, maxLength: 9 }), fc.bigInt({ min: 1n, max: 10_000n }), (numerators, denominator) => {
      const parts = largestRemainder(numerators, denominator);
      parts.forEach((part, index) => expect([0n, 1n]).toContain(part - numerators[index]! / denominator));
      expect(sum(parts)).toBe((sum(numerators) * 2n + denominator) / (2n * denominator));
    }));
  });
});

describe('days', () => {
  test.each`
    day             | months | later
    ${'2026-01-31'} | ${1}   | ${'2026-02-28'}
    ${'2028-01-31'} | ${1}   | ${'2028-02-29'}
    ${'2026-01-31'} | ${2}   | ${'2026-03-31'}
    ${'2026-11-15'} | ${3}   | ${'2027-02-15'}
    ${'2024-02-29'} | ${12}  | ${'2025-02-28'}
    ${'2026-03-01'} | ${-1}  | ${'2026-02-01'}
  `('$months months from $day is $later', ({ day, months, later }) => {
    expect(addMonths(day, months)).toBe(later);
  });

  test('days and months count', () => {
    expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31); // also where clocks change
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(monthsOf({ from: '2026-11-30', until: '2027-01-02' })).toEqual(['2026-11', '2026-12', '2027-01']);
    expect(overlap({ from: '2026-01-01', until: '2026-02-01' }, { from: '2026-02-01', until: '2026-03-01' })).toBeUndefined();
  });
});
