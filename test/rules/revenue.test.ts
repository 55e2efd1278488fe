import fc from 'fast-check';
import { sum } from '../../entities/money';
import { addDays, addMonths } from '../../entities/terms/days';
import {
  balanceOf, type Modification, obligationsOf, recognizedBy, revenueCurve, RevenueMethod, type SpreadMethod, treatmentOf, valueOf, waterfall,
} from '../../entities/terms/revenue';
import { allItems } from '../../entities/terms/schedule';
import { RevenueTreatment } from '../../entities/terms/terms';
import { days, line, someTerms, terms } from './termsGiven';

const { DAY, EVEN_MONTH, PRORATED_MONTH } = RevenueMethod;
const { SEPARATE, PROSPECTIVE, CATCH_UP } = RevenueTreatment;
const METHODS: SpreadMethod[] = [DAY, EVEN_MONTH, PRORATED_MONTH];
const YEAR = { from: '2026-01-01', until: '2027-01-01' };

describe('a modification (ASC 606-10-25-12 and -13)', () => {
  test.each`
    addsDistinct | atStandAlonePrice | restIsDistinct | treatment
    ${true}      | ${true}           | ${true}        | ${SEPARATE}
    ${true}      | ${true}           | ${false}       | ${SEPARATE}
    ${true}      | ${false}          | ${true}        | ${PROSPECTIVE}
    ${true}      | ${false}          | ${false}       | ${CATCH_UP}
    ${false}     | ${true}           | ${true}        | ${PROSPECTIVE}
    ${false}     | ${false}          | ${true}        | ${PROSPECTIVE}
    ${false}     | ${false}          | ${false}       | ${CATCH_UP}
  `('adds distinct: $addsDistinct, at stand-alone price: $atStandAlonePrice, rest distinct: $restIsDistinct is taken $treatment', ({ treatment, ...facts }) => {
    expect(treatmentOf(facts)).toEqual({ treatment, reason: expect.stringContaining('606-10-25-1') });
  });

  /** 12,000.00 from January to December of which five months are recognized, changed to 13,000.00 in June. */
  const changed = (treatment: RevenueTreatment) => revenueCurve(EVEN_MONTH, { ...YEAR, totalMinor: 1_200_000n }, [{ on: '2026-06-01', totalMinor: 1_300_000n, until: YEAR.until, treatment }]);
  const months = (treatment: RevenueTreatment) => waterfall(changed(treatment)).map(({ amountMinor }) => amountMinor);

  test('prospective: 8,000.00 that are left are spread over seven months, each cumulative figure rounded', () => {
    expect(months(PROSPECTIVE)).toEqual([...Array<bigint>(5).fill(100_000n), 114_286n, 114_285n, 114_286n, 114_286n, 114_286n, 114_285n, 114_286n]);
    expect(months(SEPARATE)).toEqual(months(PROSPECTIVE)); // the same figures where the change lasts as long as the rest
  });

  test('cumulative catch-up: 416.67 more at once in June, then 1083.33 or 1083.34', () => {
    const amounts = months(CATCH_UP);
    expect(amounts.slice(0, 5)).toEqual(Array<bigint>(5).fill(100_000n));
    expect(amounts[5]! - 41_667n).toBe(108_333n);
    expect(amounts.slice(6)).toEqual([108_333n, 108_334n, 108_333n, 108_333n, 108_334n, 108_333n]);
    expect(sum(amounts)).toBe(1_300_000n);
  });

  test.each(Object.values(RevenueTreatment))('%s never changes what was recognized before its day', (treatment) => {
    expect(recognizedBy(changed(treatment), '2026-06-01')).toBe(500_000n);
  });

  test('an end before its time takes what is left at once, and what is too much back', () => {
    const ended = (totalMinor: bigint) => revenueCurve(DAY, { ...YEAR, totalMinor: 1_200_000n }, [{ on: '2026-07-01', totalMinor, until: '2026-07-01', treatment: PROSPECTIVE }]);
    expect(waterfall(ended(700_000n)).at(-1)).toEqual({ month: '2026-07', amountMinor: 700_000n - recognizedBy(ended(0n), '2026-07-01') });
    expect(sum(waterfall(ended(500_000n)).map(({ amountMinor }) => amountMinor))).toBe(500_000n);
  });
});

test.each`
  method            | from            | until           | amounts
  ${DAY}            | ${'2026-01-01'} | ${'2026-04-01'} | ${[31_000n, 28_000n, 31_000n]}
  ${EVEN_MONTH}     | ${'2026-01-15'} | ${'2026-04-15'} | ${[30_000n, 30_000n, 30_000n]}
  ${PRORATED_MONTH} | ${'2026-01-17'} | ${'2026-04-17'} | ${[14_433n, 29_829n, 29_829n, 15_909n]}
  ${PRORATED_MONTH} | ${'2026-01-01'} | ${'2026-04-01'} | ${[30_000n, 30_000n, 30_000n]}
`('900.00 from $from until $until by $method', ({ method, from, until, amounts }) => {
  expect(waterfall(revenueCurve(method, { from, until, totalMinor: 90_000n }, [])).map(({ amountMinor }) => amountMinor)).toEqual(amounts);
});

test.each`
  billed   | recognized | deferred | asset
  ${1000n} | ${400n}    | ${600n}  | ${0n}
  ${400n}  | ${1000n}   | ${0n}    | ${600n}
  ${400n}  | ${400n}    | ${0n}    | ${0n}
`('billed $billed and recognized $recognized leave $deferred deferred and $asset as contract asset', ({ billed, recognized, deferred, asset }) => {
  expect(balanceOf(billed, recognized)).toEqual({ deferredMinor: deferred, contractAssetMinor: asset });
});

describe('properties of revenue', () => {
  const method = fc.constantFrom(...METHODS);
  const AFTER_ALL = '2060-01-01';

  test('by the end every obligation has recognized exactly what it owes, whatever its contract went through', () => {
    fc.assert(fc.property(someTerms, method, (contract, by) => {
      const recurring = { ...contract, lines: contract.lines.map((one) => ({ ...one })) };
      const obligations = obligationsOf(recurring, () => by);
      for (const { lineKey, legalEntityId, term, curve } of obligations) {
        const owed = allItems(recurring).filter((item) => item.lineKey === lineKey).flatMap(({ parts }) => parts).filter((part) => part.legalEntityId === legalEntityId && part.term === term);
        expect(recognizedBy(curve, AFTER_ALL)).toBe(sum(owed.map(({ amountMinor }) => amountMinor)));
        expect(sum(waterfall(curve).map(({ amountMinor }) => amountMinor))).toBe(recognizedBy(curve, AFTER_ALL));
      }
      expect(sum(obligations.map(({ curve }) => recognizedBy(curve, AFTER_ALL)))).toBe(valueOf(recurring));
    }), { numRuns: 300 });
  });

  const changes = fc.uniqueArray(
    fc.record({ on: days('2026-01-02', 363), totalMinor: fc.bigInt({ min: 0n, max: 9_000_000n }), until: fc.constant(YEAR.until), treatment: fc.constantFrom(PROSPECTIVE, CATCH_UP) }),
    { selector: ({ on }) => on, maxLength: 6 },
  ).map((some) => some.sort((a, b) => (a.on < b.on ? -1 : 1)));

  test('a change never alters what was recognized before its day, and changes one by one make what all of them make', () => {
    fc.assert(fc.property(method, fc.bigInt({ min: 0n, max: 9_000_000n }), changes, (by, totalMinor, some: Modification[]) => {
      const whole = revenueCurve(by, { ...YEAR, totalMinor }, some);
      for (let count = 0; count < some.length; count++) {
        const sofar = revenueCurve(by, { ...YEAR, totalMinor }, some.slice(0, count));
        expect(recognizedBy(whole, some[count]!.on)).toBe(recognizedBy(sofar, some[count]!.on));
      }
    }));
  });

  test('what is recognized and what is deferred, less what is a contract asset, is what was billed, on any day', () => {
    fc.assert(fc.property(someTerms, method, days('2024-01-01', 1_500), (contract, by, day) => {
      const billed = sum(allItems(contract).filter(({ billOn }) => billOn <= day).map(({ amountMinor }) => amountMinor));
      const recognized = sum(obligationsOf(contract, () => by).map(({ curve }) => recognizedBy(curve, day)));
      const { deferredMinor, contractAssetMinor } = balanceOf(billed, recognized);
      expect(recognized + deferredMinor - contractAssetMinor).toBe(billed);
      expect(deferredMinor === 0n || contractAssetMinor === 0n).toBe(true);
    }), { numRuns: 200 });
  });

  test('months of differences of a rounded cumulative figure lie within one unit of their exact share', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 9_000_000n }), fc.integer({ min: 1, max: 36 }), (totalMinor, count) => {
      const curve = revenueCurve(EVEN_MONTH, { from: '2026-01-01', until: addMonths('2026-01-01', count), totalMinor }, []);
      for (let month = 0; month < count; month++) {
        const amount = recognizedBy(curve, addMonths('2026-01-01', month + 1)) - recognizedBy(curve, addMonths('2026-01-01', month));
        const off = amount * BigInt(count) - totalMinor;
        expect(off <= BigInt(count) && off >= -BigInt(count)).toBe(true);
      }
    }));
  });
});

test('a renewal is an obligation of its own, and so is what another legal entity bills', () => {
  const contract = terms({
    endDate: '2027-12-31', terms: [{ from: '2026-01-01', until: '2027-01-01' }, { from: '2027-01-01', until: '2028-01-01' }],
    billedBy: [{ from: '2026-01-01', legalEntityId: 'ent_a' }, { from: '2027-07-01', legalEntityId: 'ent_b' }], lines: [line()],
  });
  const told = obligationsOf(contract, () => EVEN_MONTH).map(({ term, legalEntityId, curve }) => `${term} ${legalEntityId} ${recognizedBy(curve, addDays('2028-01-01', 1))}`);
  expect(told).toEqual(['0 ent_a 1200000', '1 ent_a 600000', '1 ent_b 600000']);
});
