import fc from 'fast-check';
import { ContractLine } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';
import { changeLines, checkTerm, contractDocument, entitle, entitlementDocument, type Entitled, grant, type LineChange } from '../../subgraphs/contracts/rules';

const { ACTIVE, HELD, ENDED } = EntitlementState;
const change = (key: string, quantity: bigint, price?: bigint): LineChange => ({ productId: `prd_${key}`, productKey: key, quantity, unitPriceMinor: price });
const line = (key: string, quantity: string, price: string) =>
  Object.assign(new ContractLine(), { productId: `prd_${key}`, productKey: key, quantity, unitPriceMinor: price, currency: 'EUR' });
const told = (lines: ContractLine[]) => lines.map(({ productKey, quantity, unitPriceMinor }) => `${quantity} ${productKey} at ${unitPriceMinor}`).join(', ');
const TWO = [line('SEAT', '10', '100'), line('API', '1', '50')];

test.each`
  lines  | changes                                           | then
  ${[]}  | ${[change('SEAT', 10n, 100n)]}                    | ${'10 SEAT at 100'}
  ${TWO} | ${[]}                                             | ${'10 SEAT at 100, 1 API at 50'}
  ${TWO} | ${[change('SEAT', 15n)]}                          | ${'15 SEAT at 100, 1 API at 50'}
  ${TWO} | ${[change('SEAT', 15n, 90n)]}                     | ${'15 SEAT at 90, 1 API at 50'}
  ${TWO} | ${[change('SEAT', 0n)]}                           | ${'1 API at 50'}
  ${TWO} | ${[change('NEW', 2n, 7n)]}                        | ${'10 SEAT at 100, 1 API at 50, 2 NEW at 7'}
  ${TWO} | ${[change('API', 3n), change('SEAT', 1n)]}        | ${'1 SEAT at 100, 3 API at 50'}
  ${TWO} | ${[change('SEAT', 1n, 0n)]}                       | ${'1 SEAT at 0, 1 API at 50'}
  ${TWO} | ${[change('SEAT', 0n), change('NEW', 1n, 1n)]}    | ${'1 API at 50, 1 NEW at 1'}
`('$lines after $changes are $then', ({ lines, changes, then }) => {
  expect(told(changeLines(lines, changes, 'EUR'))).toBe(then);
});

const many = (count: number) => Array.from({ length: count }, (_, index) => change(`P${index}`, 1n, 1n));
test.each`
  lines  | changes                                      | code                | path
  ${TWO} | ${[change('NEW', 0n)]}                       | ${'LINE_UNKNOWN'}   | ${'input.lines.0'}
  ${TWO} | ${[change('NEW', 1n)]}                       | ${'PRICE_MISSING'}  | ${'input.lines.0'}
  ${TWO} | ${[change('SEAT', 1n), change('SEAT', 2n)]}  | ${'LINE_REPEATED'}  | ${'input.lines.1'}
  ${TWO} | ${[change('SEAT', 0n), change('SEAT', 2n)]}  | ${'LINE_REPEATED'}  | ${'input.lines.1'}
  ${TWO} | ${[change('SEAT', 0n), change('API', 0n)]}   | ${'LINES_MISSING'}  | ${'input.lines'}
  ${[]}  | ${[]}                                        | ${'LINES_MISSING'}  | ${'input.lines'}
  ${[]}  | ${many(1_001)}                               | ${'LINES_TOO_MANY'} | ${'input.lines'}
`('these changes are refused with $code at $path', ({ lines, changes, code, path }) => {
  expect(() => changeLines(lines, changes, 'EUR')).toThrow(expect.objectContaining({ code, path }));
});

test('a thousand lines are taken', () => {
  expect(changeLines([], many(1_000), 'EUR')).toHaveLength(1_000);
});

test('changing lines leaves the version before as it was', () => {
  changeLines(TWO, [change('SEAT', 99n, 1n), change('API', 0n)], 'EUR');
  expect(told(TWO)).toBe('10 SEAT at 100, 1 API at 50');
});

test('a term of one day is a term, one that ends before it starts is none', () => {
  expect(() => checkTerm('2026-01-01', '2026-01-01')).not.toThrow();
  expect(() => checkTerm('2026-01-02', '2026-01-01')).toThrow(expect.objectContaining({ code: 'TERM_INVALID', path: 'input.endDate' }));
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

test('a contract that ended grants nothing; one that runs grants what its lines say', () => {
  const contract = { id: 'con_1', number: 'C-1', customerId: 'cus_1', state: 'ACTIVE', startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', lineItems: TWO };
  const named = { contractId: 'con_1', contractNumber: 'C-1', customerId: 'cus_1' };
  expect(entitlementDocument(contract as never, true)).toEqual({ ...named, grants: [] });
  expect(entitlementDocument(contract as never, false)).toEqual({ ...named, grants: [{ productKey: 'SEAT', quantity: '10' }, { productKey: 'API', quantity: '1' }] });
  expect(contractDocument(contract as never).lines).toEqual([
    { productKey: 'SEAT', quantity: '10', unitPriceMinor: '100' },
    { productKey: 'API', quantity: '1', unitPriceMinor: '50' },
  ]);
});
