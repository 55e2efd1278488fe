import fc from 'fast-check';
import { sum } from '../../entities/money';
import { addDays } from '../../entities/terms/days';
import { ProrationPolicy } from '../../entities/terms/proration';
import { describePlan, formatUnits, rate, type RatePlan, type RateTier, RatingModel, raisePlan } from '../../entities/terms/rating';
import { allItems, differences, dueItems, nextBillOn, uncounted, usageOn } from '../../entities/terms/schedule';
import { BillingTiming, ChargeKind, type ContractTerms, type LineTerms, usageKey } from '../../entities/terms/terms';
import { lineUsage } from '../../entities/terms/usage';
import { line, terms } from './termsGiven';

const WHOLE = { before: 0n, part: 31n, whole: 31n };
const tier = (upTo: string | null, cents: number, flatMinor = '0'): RateTier => ({ upTo, unitPriceNano: BigInt(Math.round(cents * 1e9)).toString(), flatMinor });
const of = (plan: RatePlan, units: bigint, given: Partial<Parameters<typeof rate>[1]> = {}) => rate(plan, { quantity: units, decimals: 0, share: WHOLE, drawn: 0n, ...given });

describe('rating', () => {
  const tiers = [tier('100', 10), tier('1000', 5), tier(null, 2)];
  test.each<[string, RatePlan, bigint, bigint]>([
    ['flat, whatever is used', { model: RatingModel.FLAT, tiers: [tier(null, 0, '9900')] }, 7n, 9_900n],
    ['flat, nothing used', { model: RatingModel.FLAT, tiers: [tier(null, 0, '9900')] }, 0n, 0n],
    ['per unit', { model: RatingModel.PER_UNIT, tiers: [tier(null, 3)] }, 12_345n, 37_035n],
    ['per unit below a minor unit, rounded half up at the end', { model: RatingModel.PER_UNIT, tiers: [tier(null, 0.05)] }, 12_350n, 618n],
    ['graduated within the first tier', { model: RatingModel.GRADUATED, tiers }, 100n, 1_000n],
    ['graduated over all tiers', { model: RatingModel.GRADUATED, tiers }, 1_500n, 1_000n + 4_500n + 1_000n],
    ['graduated with a fee for each tier reached', { model: RatingModel.GRADUATED, tiers: [tier('100', 10, '500'), tier(null, 5, '700')] }, 101n, 1_000n + 500n + 5n + 700n],
    ['volume at the bound of the first tier', { model: RatingModel.VOLUME, tiers }, 100n, 1_000n],
    ['volume one above it: all units at the second price', { model: RatingModel.VOLUME, tiers }, 101n, 505n],
    ['packages begun', { model: RatingModel.PACKAGE, packageUnits: '1000', tiers: [tier(null, 250)] }, 2_001n, 750n],
    ['a full package', { model: RatingModel.PACKAGE, packageUnits: '1000', tiers: [tier(null, 250)] }, 2_000n, 500n],
    ['overage above what is included', { model: RatingModel.PER_UNIT, includedUnits: '1000', tiers: [tier(null, 4)] }, 1_250n, 1_000n],
    ['nothing above what is included', { model: RatingModel.PER_UNIT, includedUnits: '1000', tiers: [tier(null, 4)] }, 999n, 0n],
    ['a minimum that is not reached', { model: RatingModel.PER_UNIT, minimumMinor: '5000', tiers: [tier(null, 4)] }, 100n, 5_000n],
    ['a minimum that is passed', { model: RatingModel.PER_UNIT, minimumMinor: '5000', tiers: [tier(null, 4)] }, 2_000n, 8_000n],
  ])('%s', (_what, plan, units, amountMinor) => {
    expect(of(plan, units).amountMinor).toBe(amountMinor);
  });

  test('prepaid units are drawn before anything is charged, and only once', () => {
    const plan: RatePlan = { model: RatingModel.PER_UNIT, prepaidUnits: '500', tiers: [tier(null, 10)] };
    expect(of(plan, 300n)).toMatchObject({ prepaid: 300n, amountMinor: 0n });
    expect(of(plan, 300n, { drawn: 300n })).toMatchObject({ prepaid: 200n, amountMinor: 1_000n });
    expect(of(plan, 300n, { drawn: 500n })).toMatchObject({ prepaid: 0n, amountMinor: 3_000n });
  });

  test('parts of a unit are rated exactly', () => {
    expect(of({ model: RatingModel.PER_UNIT, tiers: [tier(null, 12)] }, 1_500n, { decimals: 3 }).amountMinor).toBe(18n);
    expect([formatUnits(1_500n, 3), formatUnits(5n, 3), formatUnits(2_000n, 3), formatUnits(7n, 0)]).toEqual(['1.5', '0.005', '2', '7']);
  });

  const plans = fc.record({
    model: fc.constantFrom(...Object.values(RatingModel)),
    bounds: fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 3 }),
    prices: fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 50_000_000_000n }), fc.integer({ min: 0, max: 900 })), { minLength: 4, maxLength: 4 }),
    includedUnits: fc.option(fc.integer({ min: 0, max: 900 }).map(String), { nil: undefined }),
    prepaidUnits: fc.option(fc.integer({ min: 0, max: 900 }).map(String), { nil: undefined }),
    minimumMinor: fc.option(fc.integer({ min: 0, max: 90_000 }).map(String), { nil: undefined }),
  }).map(({ model, bounds, prices, ...besides }): RatePlan => {
    const ends = [RatingModel.GRADUATED, RatingModel.VOLUME].includes(model) ? bounds.sort((a, b) => a - b).map(String) : [];
    const all = [...ends, null].map((upTo, index): RateTier => ({ upTo, unitPriceNano: prices[index]![0].toString(), flatMinor: String(prices[index]![1]) }));
    const some = Object.fromEntries(Object.entries(besides).filter(([, value]) => value !== undefined));
    return { model, tiers: all, ...some, ...(model === RatingModel.PACKAGE && { packageUnits: '100' }) };
  });

  test('every unit is included, prepaid or charged once, and the parts sum to the amount', () => {
    fc.assert(fc.property(plans, fc.bigInt({ min: 0n, max: 10_000_000n }), fc.constantFrom(0, 3), (plan, quantity, decimals) => {
      const { included, prepaid, parts, shortfallMinor, amountMinor } = of(plan, quantity, { decimals });
      expect(included + prepaid + sum(parts.map((part) => part.quantity))).toBe(quantity);
      expect(sum(parts.map((part) => part.amountMinor)) + shortfallMinor).toBe(amountMinor);
      expect([included, prepaid, shortfallMinor, amountMinor].every((one) => one >= 0n)).toBe(true);
      expect(amountMinor).toBeGreaterThanOrEqual(BigInt(plan.minimumMinor ?? '0'));
    }));
  });

  test('what a period includes and costs at least is the same however the period is cut', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }).map((days) => [0, ...days.sort((a, b) => a - b), 31]);
    fc.assert(fc.property(plans, cuts, (plan, days) => {
      const shares = days.slice(1).map((until, index) => ({ before: BigInt(days[index]!), part: BigInt(until - days[index]!), whole: 31n }));
      const nothing = shares.map((share) => of(plan, 0n, { share }).amountMinor);
      expect(sum(nothing)).toBe(BigInt(plan.minimumMinor ?? '0'));
      const much = shares.map((share) => of(plan, 1_000_000n, { share }).included);
      expect(sum(much)).toBe(BigInt(plan.includedUnits ?? '0'));
    }));
  });

  test('graduated against a count of unit by unit', () => {
    const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 3 }).map((all) => all.sort((a, b) => a - b));
    fc.assert(fc.property(bounds, fc.integer({ min: 0, max: 400 }), (ends, units) => {
      const plan: RatePlan = { model: RatingModel.GRADUATED, tiers: [...ends.map((end, index) => tier(String(end), index + 1)), tier(null, 9)] };
      let cents = 0;
      for (let unit = 1; unit <= units; unit++) {
        const found = ends.findIndex((end) => unit <= end);
        cents += found === -1 ? 9 : found + 1;
      }
      expect(of(plan, BigInt(units)).amountMinor).toBe(BigInt(cents));
    }));
  });

  test('an uplift raises every price, and the plan says itself in words', () => {
    const plan: RatePlan = { model: RatingModel.GRADUATED, tiers: [tier('100', 10, '500'), tier(null, 0.5)], includedUnits: '10', minimumMinor: '1000' };
    expect(raisePlan(plan, 50_000n)).toEqual({ ...plan, tiers: [tier('100', 10.5, '525'), tier(null, 0.525)], minimumMinor: '1050' });
    expect(describePlan(plan)).toBe('charged in graduated tiers (minor units: 10 and 500 flat up to 100; 0.5), 10 included, at least 1000');
  });
});

const CALLS: RatePlan = { model: RatingModel.PER_UNIT, tiers: [tier(null, 2)] };
const callsLine = (change: Partial<LineTerms> = {}): LineTerms => line({
  lineKey: 'CALLS', charge: ChargeKind.USAGE, timing: BillingTiming.ARREARS, meter: { meterId: 'mtr_a', decimals: 0, graceDays: 2 },
  steps: [{ from: '2026-01-01', quantity: '1', unitPriceMinor: '0', rate: CALLS }], ...change,
});
const counted = (spans: [string, string, bigint][]) => new Map(spans.map(([from, until, units]) => [usageKey({ lineKey: 'CALLS', from, until }), units]));
const calls = (change: Partial<ContractTerms> = {}) => terms({ lines: [callsLine()], ...change });

describe('usage of a contract', () => {
  test('a month is due after its grace, once it is counted', () => {
    expect(nextBillOn(calls(), '2026-01-01')).toBe('2026-02-03');
    expect(uncounted(calls(), { upTo: '2026-02-02' })).toEqual([]);
    expect(uncounted(calls(), { upTo: '2026-02-03' })).toMatchObject([{ from: '2026-01-01', until: '2026-02-01' }]);
    expect(uncounted(calls(), { upTo: '2026-02-03', since: '2026-02-01' })).toEqual([]);
    expect(dueItems(calls(), '2026-02-03')).toEqual([]);
    const usage = counted([['2026-01-01', '2026-02-01', 1_500n]]);
    expect(dueItems(calls({ usage }), '2026-02-02')).toEqual([]);
    expect(dueItems(calls({ usage }), '2026-02-03')).toMatchObject([{ lineKey: 'CALLS', billOn: '2026-02-03', amountMinor: 3_000n }]);
  });

  test('what was billed and is to be counted again stands until it is, and then the difference is owed', () => {
    const billed = [{ lineKey: 'CALLS', periodFrom: '2026-01-01', legalEntityId: 'ent_a', customerId: 'cus_a', amountMinor: 3_000n }];
    expect(differences(calls(), billed, { upTo: '2026-02-10' })).toEqual([]);
    const usage = counted([['2026-01-01', '2026-02-01', 1_400n]]);
    expect(differences(calls({ usage }), billed, { upTo: '2026-02-10' })).toMatchObject([{ deltaMinor: -200n }]);
  });

  test('another price from a day on cuts the month: each stretch at its own', () => {
    const dearer: RatePlan = { model: RatingModel.PER_UNIT, tiers: [tier(null, 3)] };
    const twice = callsLine({ steps: [...callsLine().steps, { from: '2026-01-16', rate: dearer }] });
    const usage = counted([['2026-01-01', '2026-01-16', 100n], ['2026-01-16', '2026-02-01', 100n]]);
    expect(dueItems(terms({ lines: [twice], usage }), '2026-02-03')).toMatchObject([{ amountMinor: 500n }]);
    expect(dueItems(terms({ lines: [twice], usage: counted([['2026-01-01', '2026-01-16', 100n]]) }), '2026-02-03')).toEqual([]);
  });

  test('after a transfer each legal entity bills what was used in its days', () => {
    const billedBy = [{ from: '2026-01-01', legalEntityId: 'ent_a' }, { from: '2026-01-11', legalEntityId: 'ent_b' }];
    const usage = counted([['2026-01-01', '2026-01-11', 10n], ['2026-01-11', '2026-02-01', 20n]]);
    expect(dueItems(calls({ billedBy, usage }), '2026-02-03')).toMatchObject([
      { legalEntityId: 'ent_a', billOn: '2026-01-13', amountMinor: 20n }, { legalEntityId: 'ent_b', billOn: '2026-02-03', amountMinor: 40n },
    ]);
  });

  test('prepaid units last over the months of a term; a month behind one that is not counted waits', () => {
    const plan: RatePlan = { ...CALLS, prepaidUnits: '150' };
    const lines = [callsLine({ steps: [{ from: '2026-01-01', quantity: '1', unitPriceMinor: '0', rate: plan }] })];
    const both = counted([['2026-01-01', '2026-02-01', 100n], ['2026-02-01', '2026-03-01', 100n]]);
    expect(dueItems(terms({ lines, usage: both }), '2026-03-03').map(({ amountMinor }) => amountMinor)).toEqual([0n, 100n]);
    expect(dueItems(terms({ lines, usage: counted([['2026-02-01', '2026-03-01', 100n]]) }), '2026-03-03')).toEqual([]);
  });

  test('every day of the contract has the stretch in which it is counted, and stretches do not overlap', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 364 }), fc.uniqueArray(fc.integer({ min: 1, max: 360 }), { maxLength: 3 }), (offset, cuts) => {
      const steps = [...callsLine().steps, ...cuts.sort((a, b) => a - b).map((cut) => ({ from: addDays('2026-01-01', cut), rate: CALLS }))];
      const contract = terms({ lines: [callsLine({ steps })], proration: ProrationPolicy.NONE });
      const day = addDays('2026-01-01', offset);
      const found = usageOn(contract, contract.lines[0]!, day)!;
      const parts = lineUsage(contract, contract.lines[0]!, '2026-12-31').flatMap((period) => period.parts);
      expect(parts.filter(({ from, until }) => from <= day && day < until).map(({ from, until }) => ({ from, until }))).toEqual([{ from: found.from, until: found.until }]);
      expect(found.billOn > day).toBe(true);
    }));
    expect(usageOn(calls(), callsLine(), '2027-01-01')).toBeUndefined();
  });

  test('what is not counted is not part of what a contract comes to', () => {
    expect(allItems(calls())).toEqual([]);
  });
});
