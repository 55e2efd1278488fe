import fc from 'fast-check';
import { sum } from '../../entities/money';
import { addDays } from '../../entities/terms/days';
import { allItems, type BilledItem, differences, dueItems, nextBillOn } from '../../entities/terms/schedule';
import { BillingTiming, ChargeKind, isSuspended, lineOn, nextEdge } from '../../entities/terms/terms';
import { days, line, someTerms, terms } from './termsGiven';

const told = (items: ReturnType<typeof dueItems>) => items.map(({ billOn, amountMinor, legalEntityId }) => `${billOn} ${legalEntityId.slice(4)} ${amountMinor}`);
const seats = (...steps: [string, string, string?][]) => [line({ steps: steps.map(([from, quantity, price]) => ({ from, quantity, ...(price ? { unitPriceMinor: price } : {}) })) })];

describe('what falls due', () => {
  test('a monthly line is due at the beginning of each month, in arrears after it', () => {
    expect(told(dueItems(terms(), '2026-03-01'))).toEqual(['2026-01-01 a 100000', '2026-02-01 a 100000', '2026-03-01 a 100000']);
    const arrears = terms({ lines: [line({ timing: BillingTiming.ARREARS })] });
    expect(told(dueItems(arrears, '2026-03-01'))).toEqual(['2026-02-01 a 100000', '2026-03-01 a 100000']);
  });

  test.each`
    what                        | change                                                                          | due
    ${'added seats mid-month'}  | ${{ lines: seats(['2026-01-01', '10', '3100'], ['2026-01-17', '20']) }}         | ${46_000n}
    ${'a removal mid-month'}    | ${{ lines: seats(['2026-01-01', '10', '3100'], ['2026-01-17', '0']) }}          | ${16_000n}
    ${'an uplift mid-month'}    | ${{ lines: seats(['2026-01-01', '10', '3100'], ['2026-01-17', '10', '6200']) }} | ${46_000n}
    ${'a suspension of a week'} | ${{ lines: seats(['2026-01-01', '10', '3100']), suspensions: [{ from: '2026-01-08', until: '2026-01-15' }] }} | ${24_000n}
    ${'an early end'}           | ${{ lines: seats(['2026-01-01', '10', '3100']), cancelledFrom: '2026-01-11' }}  | ${10_000n}
    ${'a late start'}           | ${{ lines: seats(['2026-01-22', '10', '3100']) }}                               | ${10_000n}
  `('$what: January comes to $due', ({ change, due }) => {
    expect(sum(dueItems(terms(change), '2026-01-31').map(({ amountMinor }) => amountMinor))).toBe(due);
  });

  test('a transfer divides the month of it between the legal entities', () => {
    const moved = terms({ lines: seats(['2026-01-01', '10', '3100']), billedBy: [{ from: '2026-01-01', legalEntityId: 'ent_a' }, { from: '2026-01-11', legalEntityId: 'ent_b' }] });
    expect(told(dueItems(moved, '2026-02-01'))).toEqual(['2026-01-01 a 10000', '2026-01-11 b 21000', '2026-02-01 b 31000']);
  });

  test('a month in which the contract changes hands is divided between the customers', () => {
    const moved = terms({ lines: seats(['2026-01-01', '10', '3100']), ownedBy: [{ from: '2026-01-01', customerId: 'cus_a' }, { from: '2026-01-11', customerId: 'cus_b' }] });
    expect(dueItems(moved, '2026-01-31').map(({ customerId, billOn, amountMinor }) => `${billOn} ${customerId} ${amountMinor}`)).toEqual(['2026-01-01 cus_a 10000', '2026-01-11 cus_b 21000']);
  });

  test('what is sold once is due once', () => {
    const once = terms({ lines: [line({ charge: ChargeKind.ONE_TIME })] });
    expect(told(allItems(once))).toEqual(['2026-01-01 a 100000']);
  });

  test('a line added later falls due with the others, and its last period is that of the contract', () => {
    const added = terms({ endDate: '2026-02-14', terms: [{ from: '2026-01-01', until: '2026-02-15' }], lines: [line(), line({ lineKey: 'CARE', steps: [{ from: '2026-01-16', quantity: '1', unitPriceMinor: '2800' }] })] });
    const care = allItems(added).filter(({ lineKey }) => lineKey === 'CARE');
    expect(care.map(({ period, amountMinor }) => `${period.from} ${amountMinor}`)).toEqual(['2026-01-01 1445', '2026-02-01 1400']);
  });

  test('the next day on which anything changes', () => {
    const changing = terms({ lines: seats(['2026-01-01', '10', '100'], ['2026-03-05', '12']), suspensions: [{ from: '2026-05-01', until: '2026-06-01' }], cancelledFrom: '2026-09-01' });
    const seen: string[] = [];
    for (let day: string | null = '2026-01-01'; (day = nextEdge(changing, day)) !== null; ) seen.push(day);
    expect(seen).toEqual(['2026-03-05', '2026-05-01', '2026-06-01', '2026-09-01']);
    expect(isSuspended(changing, '2026-05-31')).toBe(true);
    expect(lineOn(changing.lines[0]!, '2026-03-05')).toEqual({ quantity: 12n, unitPriceMinor: 100n });
  });
});

/** Bills what is owed on a day, as a run would. */
function bill(billed: Map<string, BilledItem>, contract: Parameters<typeof differences>[0], upTo: string): bigint[] {
  return differences(contract, [...billed.values()], { upTo }).map(({ lineKey, periodFrom, legalEntityId, customerId, deltaMinor, dueMinor }) => {
    billed.set(`${lineKey}|${periodFrom}|${legalEntityId}|${customerId}`, { lineKey, periodFrom, legalEntityId, customerId, amountMinor: dueMinor });
    return deltaMinor;
  });
}

describe('properties of billing by differences', () => {
  test('whatever a contract goes through between the runs, in the end it has been billed what it owes, and no credit was above what was billed', () => {
    fc.assert(fc.property(fc.array(fc.tuple(someTerms, days()), { minLength: 1, maxLength: 5 }), (versions) => {
      const billed = new Map<string, BilledItem>();
      for (const [version, day] of versions) {
        bill(billed, version, day);
        expect([...billed.values()].every(({ amountMinor }) => amountMinor >= 0n)).toBe(true);
        expect(bill(billed, version, day)).toEqual([]); // a second run finds nothing to do
      }
      const last = versions.at(-1)![0];
      bill(billed, last, '2040-01-01');
      expect(sum([...billed.values()].map(({ amountMinor }) => amountMinor))).toBe(sum(allItems(last).map(({ amountMinor }) => amountMinor)));
    }), { numRuns: 300 });
  });

  test('one run at the end bills as much as a run every few days', () => {
    fc.assert(fc.property(someTerms, fc.integer({ min: 5, max: 60 }), (contract, every) => {
      const often = new Map<string, BilledItem>();
      for (let day = contract.startDate; day <= addDays(contract.endDate, 400); day = addDays(day, every)) bill(often, contract, day);
      const once = new Map<string, BilledItem>();
      bill(once, contract, addDays(contract.endDate, 400));
      expect(Object.fromEntries([...often].sort())).toEqual(Object.fromEntries([...once].sort()));
    }), { numRuns: 200 });
  });
});

test('the next day of billing is the first on which anything falls due after a day', () => {
  fc.assert(fc.property(someTerms, days(), (contract, after) => {
    expect(nextBillOn(contract, after)).toBe(allItems(contract).map(({ billOn }) => billOn).filter((day) => day > after).sort()[0] ?? null);
  }), { numRuns: 300 });
});
