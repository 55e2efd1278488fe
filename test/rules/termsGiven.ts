/** Contracts as random as they come, for properties. */
import fc from 'fast-check';
import { addDays, addMonths } from '../../entities/terms/days';
import { ProrationPolicy } from '../../entities/terms/proration';
import { BillingTiming, ChargeKind, type ContractTerms, type LineStep, type LineTerms, RevenueTreatment } from '../../entities/terms/terms';

export const days = (from = '2024-01-01', count = 1_200) => fc.integer({ min: 0, max: count }).map((offset) => addDays(from, offset));
const whole = (max: number) => fc.integer({ min: 0, max }).map(String);

/** A line of ten at 100.00 a month in advance, from the first day. */
export const line = (change: Partial<LineTerms> = {}): LineTerms => ({
  lineKey: 'SEAT', productId: 'prd_seat', productKey: 'SEAT', charge: ChargeKind.RECURRING, periodMonths: 1, timing: BillingTiming.ADVANCE,
  steps: [{ from: '2026-01-01', quantity: '10', unitPriceMinor: '10000' }], ...change,
});

/** A contract over 2026. */
export const terms = (change: Partial<ContractTerms> = {}): ContractTerms => {
  const { startDate = '2026-01-01', endDate = '2026-12-31', ...given } = change;
  return {
    startDate, endDate, terms: [{ from: startDate, until: addDays(endDate, 1) }], cancelledFrom: null,
    billedBy: [{ from: startDate, legalEntityId: 'ent_a' }], ownedBy: [{ from: startDate, customerId: 'cus_a' }], suspensions: [], proration: ProrationPolicy.DAY_ACTUAL, lines: [line()], ...given,
  };
};

const step = (from: fc.Arbitrary<string>): fc.Arbitrary<LineStep> =>
  fc.record({ from, quantity: whole(20), unitPriceMinor: whole(50_000), treatment: fc.constantFrom(...Object.values(RevenueTreatment)) });

const someLine = (index: number, startDate: string): fc.Arbitrary<LineTerms> =>
  fc.record({
    charge: fc.constantFrom(ChargeKind.RECURRING, ChargeKind.RECURRING, ChargeKind.RECURRING, ChargeKind.ONE_TIME),
    periodMonths: fc.constantFrom(1, 3, 12),
    timing: fc.constantFrom(...Object.values(BillingTiming)),
    steps: fc.uniqueArray(step(days(startDate, 700)), { selector: ({ from }) => from, maxLength: 4 }),
  }).map((some) => {
    const first: LineStep = { from: startDate, quantity: '3', unitPriceMinor: '3333' };
    const steps = [first, ...some.steps.filter(({ from }) => from > startDate)].sort((a, b) => (a.from < b.from ? -1 : 1));
    return { ...some, steps, lineKey: `L${index}`, productId: `prd_${index}`, productKey: `P${index}` };
  });

/** One to three lines over one to three terms, with changes, suspensions, transfers and perhaps an early end. */
export const someTerms: fc.Arbitrary<ContractTerms> = fc
  .record({ startDate: days('2024-01-01', 400), months: fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 3 }) })
  .chain(({ startDate, months }) => {
    const ends = months.map((_, index) => addMonths(startDate, months.slice(0, index + 1).reduce((a, b) => a + b)));
    const within = days(startDate, 700);
    return fc.record({
      startDate: fc.constant(startDate),
      endDate: fc.constant(addDays(ends.at(-1)!, -1)),
      terms: fc.constant(ends.map((until, index) => ({ from: ends[index - 1] ?? startDate, until }))),
      cancelledFrom: fc.option(within, { freq: 2 }),
      billedBy: fc.uniqueArray(fc.record({ from: within, legalEntityId: fc.constantFrom('ent_a', 'ent_b') }), { selector: ({ from }) => from, maxLength: 2 })
        .map((moves) => [{ from: startDate, legalEntityId: 'ent_a' }, ...moves.filter(({ from }) => from > startDate).sort((a, b) => (a.from < b.from ? -1 : 1))]),
      ownedBy: fc.uniqueArray(fc.record({ from: within, customerId: fc.constantFrom('cus_a', 'cus_b') }), { selector: ({ from }) => from, maxLength: 1 })
        .map((moves) => [{ from: startDate, customerId: 'cus_a' }, ...moves.filter(({ from }) => from > startDate)]),
      suspensions: fc.array(fc.tuple(within, fc.integer({ min: 1, max: 90 })), { maxLength: 1 })
        .map((some) => some.map(([from, length]) => ({ from, until: addDays(from, length) }))),
      proration: fc.constantFrom(...Object.values(ProrationPolicy)),
      lines: fc.integer({ min: 1, max: 3 }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => someLine(index, startDate)))),
    });
  });
