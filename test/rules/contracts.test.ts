import fc from 'fast-check';
import { Contract } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';
import { applyChange } from '../../entities/terms/changes';
import { ChargeKind, type ContractTerms, RevenueTreatment } from '../../entities/terms/terms';
import {
  changeLine, checkLines, checkResumable, checkSuspension, checkTerm, checkWithdrawable, contractDocument, effectiveDay, entitle, entitlementDocument, type Entitled, grant,
  type LineChange, readRenewal, readUplift, treatLines, unitsByProduct,
} from '../../subgraphs/contracts/rules';
import { line, terms } from './termsGiven';

const { ACTIVE, HELD, ENDED } = EntitlementState;
const DAY = '2026-06-01';
const change = (key: string, quantity: bigint, price?: bigint, more: Partial<LineChange> = {}): LineChange => ({
  lineKey: key, productId: `prd_${key}`, productKey: key, quantity, unitPriceMinor: price, ramp: [], ...more,
});
const sold = (key: string, quantity: string, unitPriceMinor: string) =>
  line({ lineKey: key, productKey: key, productId: `prd_${key}`, steps: [{ from: '2026-01-01', quantity, unitPriceMinor }] });
const TWO = terms({ lines: [sold('SEAT', '10', '100'), sold('API', '1', '50')] });
const NONE = terms({ lines: [] });

/** The terms after changes of lines, as a command applies them. */
function changed(before: ContractTerms, changes: LineChange[], from = DAY): ContractTerms {
  const after = changes.flatMap((_, index) => changeLine(before, changes, { index, from, activates: from })).reduce(applyChange, before);
  checkLines(after, from);
  return after;
}
const told = (contract: ContractTerms, day = DAY) =>
  contract.lines.map(({ lineKey, steps }) => {
    const of = (name: 'quantity' | 'unitPriceMinor') => steps.filter((step) => step.from <= day && step[name] !== undefined).at(-1)?.[name] ?? '0';
    return `${of('quantity')} ${lineKey} at ${of('unitPriceMinor')}`;
  }).join(', ');

test.each`
  before  | changes                                                   | then
  ${NONE} | ${[change('SEAT', 10n, 100n)]}                            | ${'10 SEAT at 100'}
  ${TWO}  | ${[change('SEAT', 15n)]}                                  | ${'15 SEAT at 100, 1 API at 50'}
  ${TWO}  | ${[change('SEAT', 15n, 90n)]}                             | ${'15 SEAT at 90, 1 API at 50'}
  ${TWO}  | ${[change('SEAT', 0n)]}                                   | ${'0 SEAT at 100, 1 API at 50'}
  ${TWO}  | ${[change('NEW', 2n, 7n)]}                                | ${'10 SEAT at 100, 1 API at 50, 2 NEW at 7'}
  ${TWO}  | ${[change('API', 3n), change('SEAT', 1n)]}                | ${'1 SEAT at 100, 3 API at 50'}
  ${TWO}  | ${[change('SEAT', 1n, 0n)]}                               | ${'1 SEAT at 0, 1 API at 50'}
  ${TWO}  | ${[change('SEAT', 0n), change('NEW', 1n, 1n)]}            | ${'0 SEAT at 100, 1 API at 50, 1 NEW at 1'}
  ${TWO}  | ${[change('MORE', 5n, 80n, { productId: 'prd_SEAT' })]}   | ${'10 SEAT at 100, 1 API at 50, 5 MORE at 80'}
`('a contract after $changes.length changes is $then', ({ before, changes, then }) => {
  const after = changed(before, changes);
  expect(told(after)).toBe(then);
  expect(told(after, '2026-05-31').replace(/(, )?0 \w+ at 0/g, '')).toBe(told(before)); // nothing changes before its day
});

const many = (count: number) => Array.from({ length: count }, (_, index) => change(`P${index}`, 1n, 1n));
const ramp = (...days: string[]) => ({ ramp: days.map((from) => ({ from, quantity: 2n, unitPriceMinor: undefined })) });
test.each`
  before  | changes                                                            | code                | path
  ${TWO}  | ${[change('NEW', 0n)]}                                             | ${'LINE_UNKNOWN'}   | ${'input.lines.0'}
  ${TWO}  | ${[change('NEW', 1n)]}                                             | ${'PRICE_MISSING'}  | ${'input.lines.0'}
  ${TWO}  | ${[change('SEAT', 1n), change('SEAT', 2n)]}                        | ${'LINE_REPEATED'}  | ${'input.lines.1'}
  ${TWO}  | ${[change('SEAT', 0n), change('SEAT', 2n)]}                        | ${'LINE_REPEATED'}  | ${'input.lines.1'}
  ${TWO}  | ${[change('SEAT', 0n), change('API', 0n)]}                         | ${'LINES_MISSING'}  | ${'input.lines'}
  ${NONE} | ${[]}                                                              | ${'LINES_MISSING'}  | ${'input.lines'}
  ${NONE} | ${many(1_001)}                                                     | ${'LINES_TOO_MANY'} | ${'input.lines'}
  ${TWO}  | ${[change('SEAT', 1n, 1n, { charge: ChargeKind.ONE_TIME })]}          | ${'LINE_FIXED'}     | ${'input.lines.0'}
  ${TWO}  | ${[change('SEAT', 1n, 1n, { periodMonths: 12 })]}                  | ${'LINE_FIXED'}     | ${'input.lines.0'}
  ${TWO}  | ${[change('SEAT', 1n, 1n, { productId: 'prd_API' })]}              | ${'LINE_FIXED'}     | ${'input.lines.0'}
  ${TWO}  | ${[change('NEW', 1n, 1n, { periodMonths: 5 })]}                    | ${'PERIOD_INVALID'} | ${'input.lines.0.periodMonths'}
  ${TWO}  | ${[change('SEAT', 1n, 1n, ramp(DAY))]}                             | ${'RAMP_INVALID'}   | ${'input.lines.0.ramp.0.from'}
  ${TWO}  | ${[change('SEAT', 1n, 1n, ramp('2026-08-01', '2026-07-01'))]}      | ${'RAMP_INVALID'}   | ${'input.lines.0.ramp.1.from'}
  ${TWO}  | ${[change('SEAT', 1n, 1n, ramp('2027-01-01'))]}                    | ${'RAMP_INVALID'}   | ${'input.lines.0.ramp.0.from'}
`('these changes are refused with $code at $path', ({ before, changes, code, path }) => {
  expect(() => changed(before, changes)).toThrow(expect.objectContaining({ code, path }));
});

test('a thousand lines are taken', () => {
  expect(changed(NONE, many(1_000)).lines).toHaveLength(1_000);
});

test('a ramp is agreed at once and holds day by day', () => {
  const after = changed(TWO, [change('SEAT', 12n, undefined, ramp('2026-08-01'))]);
  expect(['2026-05-31', '2026-06-01', '2026-08-01'].map((day) => told(after, day).split(',')[0])).toEqual(['10 SEAT at 100', '12 SEAT at 100', '2 SEAT at 100']);
});

test('a term of one day is a term, one that ends before it starts is none', () => {
  expect(() => checkTerm('2026-01-01', '2026-01-01')).not.toThrow();
  expect(() => checkTerm('2026-01-02', '2026-01-01')).toThrow(expect.objectContaining({ code: 'TERM_INVALID', path: 'input.endDate' }));
});

test.each`
  asked           | today           | day
  ${undefined}    | ${'2026-05-05'} | ${'2026-05-05'}
  ${undefined}    | ${'2025-05-05'} | ${'2026-01-01'}
  ${undefined}    | ${'2028-05-05'} | ${'2026-12-31'}
  ${'2026-12-31'} | ${'2026-05-05'} | ${'2026-12-31'}
`('asked for $asked on $today, a change takes effect on $day', ({ asked, today, day }) => {
  expect(effectiveDay(terms(), asked, today)).toBe(day);
});

test.each(['2025-12-31', '2027-01-01'])('%s is outside of the term', (day) => {
  expect(() => effectiveDay(terms(), day, DAY)).toThrow(expect.objectContaining({ code: 'EFFECTIVE_OUT_OF_TERM', path: 'input.effectiveDate' }));
});

const paused = terms({ suspensions: [{ from: '2026-03-01', until: '2026-04-01' }, { from: '2026-09-01', until: null }] });
test.each`
  from            | until           | code
  ${'2026-03-15'} | ${'2026-03-20'} | ${'SUSPENSION_OVERLAPS'}
  ${'2026-02-15'} | ${'2026-03-02'} | ${'SUSPENSION_OVERLAPS'}
  ${'2026-05-01'} | ${null}         | ${'SUSPENSION_OVERLAPS'}
  ${'2026-10-01'} | ${'2026-11-01'} | ${'SUSPENSION_OVERLAPS'}
  ${'2026-05-01'} | ${'2026-05-01'} | ${'SUSPENSION_INVALID'}
  ${'2026-04-01'} | ${'2026-09-01'} | ${undefined}
`('a suspension from $from until $until: $code', ({ from, until, code }) => {
  const check = () => checkSuspension(paused, { from, until });
  if (code) expect(check).toThrow(expect.objectContaining({ code }));
  else expect(check).not.toThrow();
});

test('what is not suspended is not resumed', () => {
  expect(() => checkResumable(paused, '2027-01-01')).not.toThrow();
  expect(() => checkResumable(terms({ suspensions: [{ from: '2026-03-01', until: '2026-04-01' }] }), '2026-04-01')).toThrow(expect.objectContaining({ code: 'NOT_SUSPENDED' }));
});

test.each([['7.7', 77_000n], ['0', 0n], ['100', 1_000_000n], ['0.0001', 1n]])('an uplift of %s percent is %s parts of a million', (text, parts) => {
  expect(readUplift(text, 'upliftPercent')).toBe(parts);
});

test.each(['-1', '1.23456', 'x', '1e3', ''])('an uplift of %p is refused', (text) => {
  expect(() => readUplift(text, 'upliftPercent')).toThrow(expect.objectContaining({ code: 'UPLIFT_INVALID', path: 'upliftPercent' }));
});

test.each([0, 121])('a further term of %s months is refused', (months) => {
  expect(() => readRenewal({ months, upliftPercent: '0' })).toThrow(expect.objectContaining({ code: 'RENEWAL_INVALID' }));
});

test.each`
  what                                      | changes                        | standAlone | treatment                            | whole
  ${'more units at the price sold alone'}   | ${[change('SEAT', 15n)]}       | ${100n}    | ${RevenueTreatment.SEPARATE} | ${false}
  ${'more units at another price'}          | ${[change('SEAT', 15n)]}       | ${120n}    | ${RevenueTreatment.PROSPECTIVE} | ${false}
  ${'a new product at its own price'}       | ${[change('NEW', 1n, 7n)]}     | ${7n}      | ${RevenueTreatment.SEPARATE} | ${false}
  ${'less'}                                 | ${[change('SEAT', 5n)]}        | ${100n}    | ${RevenueTreatment.PROSPECTIVE} | ${false}
  ${'another price for what is there'}      | ${[change('SEAT', 15n, 120n)]} | ${120n}    | ${RevenueTreatment.PROSPECTIVE} | ${false}
  ${'less of what is one whole'}             | ${[change('SEAT', 5n)]}        | ${100n}    | ${RevenueTreatment.CATCH_UP}    | ${true}
  ${'more of it at the price sold alone'}    | ${[change('SEAT', 15n)]}       | ${100n}    | ${RevenueTreatment.SEPARATE}    | ${true}
`('$what is taken $treatment', ({ changes, standAlone, treatment, whole }) => {
  const { changes: treated, reasons } = treatLines(TWO, changeLine(TWO, changes, { index: 0, from: DAY, activates: DAY }), { standAlone: new Map([[changes[0].productId, standAlone]]), whole: new Set(whole ? [changes[0].productId] : []) });
  expect(treated).toMatchObject([{ step: { treatment } }]);
  expect(reasons).toEqual([expect.stringContaining(treatment)]);
});

test.each`
  version | withdraws | lastAmended | code
  ${1}    | ${null}   | ${1}        | ${'NOTHING_TO_WITHDRAW'}
  ${3}    | ${2}      | ${3}        | ${'ALREADY_WITHDRAWN'}
  ${3}    | ${null}   | ${2}        | ${'ALREADY_IN_EFFECT'}
`('version $version, last amended in $lastAmended, is not withdrawn: $code', ({ version, withdraws, lastAmended, code }) => {
  expect(() => checkWithdrawable({ number: 'C-1', version, withdraws }, lastAmended)).toThrow(expect.objectContaining({ code, path: 'input.contractId' }));
});

const now = (state: EntitlementState, grantedUnits: bigint, soldUnits: bigint): Entitled => ({ state, grantedUnits, soldUnits });
test.each`
  before                     | sold   | after
  ${now(ACTIVE, 0n, 0n)}     | ${10n} | ${now(HELD, 0n, 10n)}
  ${now(ACTIVE, 10n, 10n)}   | ${15n} | ${now(HELD, 10n, 15n)}
  ${now(ACTIVE, 10n, 10n)}   | ${4n}  | ${now(ACTIVE, 4n, 4n)}
  ${now(ACTIVE, 10n, 10n)}   | ${10n} | ${now(ACTIVE, 10n, 10n)}
  ${now(ACTIVE, 10n, 10n)}   | ${0n}  | ${now(ENDED, 0n, 0n)}
  ${now(HELD, 10n, 15n)}     | ${20n} | ${now(HELD, 10n, 20n)}
  ${now(HELD, 10n, 15n)}     | ${12n} | ${now(HELD, 10n, 12n)}
  ${now(HELD, 10n, 15n)}     | ${8n}  | ${now(ACTIVE, 8n, 8n)}
  ${now(HELD, 10n, 15n)}     | ${10n} | ${now(ACTIVE, 10n, 10n)}
  ${now(HELD, 0n, 10n)}      | ${0n}  | ${now(ENDED, 0n, 0n)}
  ${now(ENDED, 0n, 0n)}      | ${5n}  | ${now(HELD, 0n, 5n)}
`('an entitlement $before of which $sold are sold becomes $after', ({ before, sold, after }) => {
  expect(entitle(before, sold)).toEqual(after);
});

test.each`
  before                 | confirmed | after
  ${now(HELD, 0n, 10n)}  | ${10n}    | ${now(ACTIVE, 10n, 10n)}
  ${now(HELD, 10n, 15n)} | ${12n}    | ${now(HELD, 12n, 15n)}
  ${now(HELD, 10n, 15n)} | ${20n}    | ${now(ACTIVE, 15n, 15n)}
`('of an entitlement $before the backends confirmed $confirmed: it becomes $after', ({ before, confirmed, after }) => {
  expect(grant(before, confirmed)).toEqual(after);
});

test('what is granted is never above what is sold, whatever is sold and confirmed when', () => {
  const step = fc.record({ sells: fc.boolean(), units: fc.bigInt({ min: 0n, max: 20n }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let state = now(ACTIVE, 0n, 0n);
      for (const { sells, units } of steps) {
        const isEnded = state.state === ENDED;
        if (sells && !(isEnded && units === 0n)) state = entitle(state, units);
        else if (!sells && state.soldUnits > state.grantedUnits && units > state.grantedUnits) state = grant(state, units);
        expect(state.grantedUnits <= state.soldUnits).toBe(true);
        expect(state.state === HELD).toBe(state.grantedUnits < state.soldUnits);
      }
    }),
  );
});

test('what may be used follows the day: nothing before the first, after the last, or while it is suspended', () => {
  const contract = terms({ lines: TWO.lines, suspensions: [{ from: '2026-03-01', until: '2026-04-01' }] });
  const on = (day: string) => entitlementDocument({ id: 'con_1', number: 'C-1', customerId: 'cus_1' } as Contract, unitsByProduct(contract, day)).grants;
  const all = [{ productKey: 'SEAT', quantity: '10' }, { productKey: 'API', quantity: '1' }];
  expect(['2025-12-31', '2026-01-01', '2026-03-01', '2026-04-01', '2026-12-31', '2027-01-01'].map(on)).toEqual([[], all, [], all, all, []]);
});

test('units of several lines of one product are used together', () => {
  const contract = terms({ lines: [sold('SEAT', '10', '100'), { ...sold('SEAT', '5', '80'), lineKey: 'MORE' }] });
  expect([...unitsByProduct(contract, DAY).values()]).toEqual([{ productKey: 'SEAT', units: 15n }]);
});

test('a document says what is in force and what is agreed for later; lines from before lines had dates hold for the whole term', () => {
  const lineItems = [{ productId: 'prd_1', productKey: 'SEAT', quantity: '10', unitPriceMinor: '100', currency: 'EUR' }];
  const contract = Object.assign(new Contract(), { number: 'C-1', customerId: 'cus_1', legalEntityId: 'ent_a', state: 'ACTIVE', startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', lineItems, cancelledFrom: null });
  expect(contractDocument(contract)).toMatchObject({
    lines: [{ productKey: 'SEAT', quantity: '10', unitPriceMinor: '100' }],
    schedule: [{ lineKey: 'SEAT', from: '2026-01-01', until: '2027-01-01', quantity: '10', unitPriceMinor: '100' }],
  });
});
