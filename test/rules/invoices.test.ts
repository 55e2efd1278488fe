import fc from 'fast-check';
import { InvoiceState, SettlementState } from '../../entities/invoices/Invoice';
import { AMOUNT_MINOR_MAX, share, sum } from '../../entities/money';
import {
  availableActions, creditorReference, documentNumber, priceCredits, settle,
} from '../../subgraphs/invoices/rules';
import { type DraftLine, priceLines, ratePerMillion } from '../../entities/invoices/pricing';
import { addDays } from '../../entities/terms/days';

const { UNPAID, PARTLY_PAID, PAID } = SettlementState;
const draft = (quantity: bigint, unitPriceMinor: bigint, taxRatePercent: string, taxCode = `VAT${taxRatePercent}`): DraftLine => ({
  productId: 'prd_1', description: 'Seat', quantity, unitPriceMinor, taxCode, taxRatePercent, revenueAccount: '4010',
});
const taxes = (drafts: DraftLine[]) => priceLines(drafts, 'EUR').lines.map((line) => BigInt(line.taxMinor));

test.each([['0', 0n], ['20', 200_000n], ['7.7', 77_000n], ['2.1234', 21_234n], ['0.0001', 1n], ['100', 1_000_000n]])('%s percent are %s parts of a million', (percent, parts) => {
  expect(ratePerMillion(percent)).toBe(parts);
});

test.each`
  drafts                                                                 | net        | tax       | perLine
  ${[draft(1n, 10_000n, '20')]}                                          | ${10_000n} | ${2_000n} | ${[2_000n]}
  ${[draft(3n, 333n, '20')]}                                             | ${999n}    | ${200n}   | ${[200n]}
  ${[draft(1n, 2n, '20'), draft(1n, 2n, '20'), draft(1n, 2n, '20')]}     | ${6n}      | ${1n}     | ${[1n, 0n, 0n]}
  ${[draft(1n, 100n, '20'), draft(1n, 100n, '7.7')]}                     | ${200n}    | ${28n}    | ${[20n, 8n]}
  ${[draft(1n, 5n, '10', 'A'), draft(1n, 5n, '10', 'B')]}                | ${10n}     | ${2n}     | ${[1n, 1n]}
  ${[draft(1n, 5n, '10', 'A'), draft(1n, 5n, '10', 'A')]}                | ${10n}     | ${1n}     | ${[1n, 0n]}
  ${[draft(5n, 0n, '20')]}                                               | ${0n}      | ${0n}     | ${[0n]}
  ${[draft(1n, 0n, '20'), draft(1n, 3n, '20')]}                          | ${3n}      | ${1n}     | ${[0n, 1n]}
  ${[draft(1n, 100n, '0')]}                                              | ${100n}    | ${0n}     | ${[0n]}
`('tax is worked out once for each code and rate: $net net bears $tax, line by line $perLine', ({ drafts, net, tax, perLine }) => {
  const totals = priceLines(drafts, 'EUR');
  expect(totals).toMatchObject({ netMinor: net, taxMinor: tax, totalMinor: net + tax });
  expect(taxes(drafts)).toEqual(perLine);
});

test('lines are numbered, and keep what was asked for', () => {
  const { lines } = priceLines([draft(2n, 50n, '20'), { ...draft(1n, 10n, '0'), ofLineId: 'line-9' }], 'EUR');
  expect(lines).toMatchObject([
    { lineId: 'line-1', ofLineId: null, quantity: '2', unitPriceMinor: '50', netMinor: '100', taxMinor: '20', taxCode: 'VAT20', currency: 'EUR' },
    { lineId: 'line-2', ofLineId: 'line-9', quantity: '1', unitPriceMinor: '10', netMinor: '10', taxMinor: '0', taxCode: 'VAT0', currency: 'EUR' },
  ]);
});

const anyDraft = fc
  .tuple(fc.bigInt({ min: 1n, max: 1_000n }), fc.bigInt({ min: 0n, max: 100_000n }), fc.constantFrom('0', '7.7', '19', '20'))
  .map(([quantity, price, rate]) => draft(quantity, price, rate));

test('line taxes sum to the tax of their rate on the sum of its lines, and lines to the totals', () => {
  fc.assert(
    fc.property(fc.array(anyDraft, { minLength: 1, maxLength: 30 }), (drafts) => {
      const { lines, netMinor, taxMinor, totalMinor } = priceLines(drafts, 'EUR');
      expect(sum(lines.map((line) => BigInt(line.netMinor)))).toBe(netMinor);
      expect(sum(lines.map((line) => BigInt(line.taxMinor)))).toBe(taxMinor);
      expect(totalMinor).toBe(netMinor + taxMinor);
      for (const rate of new Set(drafts.map((line) => line.taxRatePercent))) {
        const group = lines.filter((line) => line.taxRatePercent === rate);
        const due = share(sum(group.map((line) => BigInt(line.netMinor))), ratePerMillion(rate), 1_000_000n);
        expect(sum(group.map((line) => BigInt(line.taxMinor)))).toBe(due);
      }
      for (const line of lines) if (line.netMinor === '0') expect(line.taxMinor).toBe('0');
    }),
  );
});

test('a total beyond what a document may carry is refused', () => {
  expect(priceLines([draft(1n, AMOUNT_MINOR_MAX, '0')], 'EUR').totalMinor).toBe(AMOUNT_MINOR_MAX);
  expect(() => priceLines([draft(1n, AMOUNT_MINOR_MAX, '20')], 'EUR')).toThrow(expect.objectContaining({ code: 'AMOUNT_TOO_LARGE', path: 'input.lines' }));
});

test('crediting a line unit by unit, in whatever pieces, returns exactly its net and its tax', () => {
  const pieces = fc.array(fc.bigInt({ min: 1n, max: 9n }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(pieces, fc.bigInt({ min: 0n, max: 10_000n }), (quantities, price) => {
      const [line] = priceLines([draft(sum(quantities), price, '7.7')], 'EUR').lines;
      let before = 0n;
      const memos = quantities.map((quantity) => {
        const memo = priceCredits([{ line: line!, beforeMinor: before * price, netMinor: quantity * price, quantity, unitPriceMinor: price }], 'EUR');
        before += quantity;
        return memo;
      });
      expect(sum(memos.map((memo) => memo.netMinor))).toBe(BigInt(line!.netMinor));
      expect(sum(memos.map((memo) => memo.taxMinor))).toBe(BigInt(line!.taxMinor));
      for (const memo of memos) expect(memo.taxMinor >= 0n).toBe(true);
    }),
  );
});

test.each`
  open    | settlement     | delta    | left    | then
  ${100n} | ${UNPAID}      | ${-40n}  | ${60n}  | ${PARTLY_PAID}
  ${100n} | ${UNPAID}      | ${-100n} | ${0n}   | ${PAID}
  ${60n}  | ${PARTLY_PAID} | ${-60n}  | ${0n}   | ${PAID}
  ${60n}  | ${PARTLY_PAID} | ${-1n}   | ${59n}  | ${PARTLY_PAID}
  ${60n}  | ${PARTLY_PAID} | ${40n}   | ${100n} | ${UNPAID}
  ${0n}   | ${PAID}        | ${100n}  | ${100n} | ${UNPAID}
  ${0n}   | ${PAID}        | ${1n}    | ${1n}   | ${PARTLY_PAID}
`('$delta on $open open of 100 leaves $left, $then', ({ open, settlement, delta, left, then }) => {
  expect(settle({ openMinor: open, totalMinor: 100n, settlement }, delta)).toEqual({ openMinor: left, settlement: then });
});

test.each([[0n, -1n], [100n, 1n], [40n, -41n], [40n, 61n]])('a balance of %s of 100 that would move by %s is a bug', (openMinor, delta) => {
  expect(() => settle({ openMinor, totalMinor: 100n, settlement: UNPAID }, delta)).toThrow(RangeError);
});

test.each([
  ['INV', 'DE01', '2026', 42, 'INV-DE01-2026-000042'],
  ['CRN', 'FR01', '2027', 1, 'CRN-FR01-2027-000001'],
  ['INV', 'DE01', '2026', 1_234_567, 'INV-DE01-2026-1234567'],
])('number %4$i of %1$s %2$s %3$s is written out', (prefix, code, year, number, text) => {
  expect(documentNumber(prefix, { code, year, number })).toBe(text);
});

/** ISO 7064 mod 97-10: the number with its first four characters at the end leaves 1. */
const isValid = (reference: string) => BigInt([...`${reference.slice(4)}${reference.slice(0, 4)}`].map((char) => parseInt(char, 36)).join('')) % 97n === 1n;

test.each([
  ['539007547034', 'RF18539007547034'],
  ['INV-DE01-2026-000042', `RF${creditorReference('INV-DE01-2026-000042').slice(2, 4)}INVDE012026000042`],
])('the creditor reference of %s is %s', (number, reference) => {
  expect(creditorReference(number)).toBe(reference);
  expect(isValid(reference)).toBe(true);
});

test('every creditor reference is valid, and fits what banks carry', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABCxyz0189-/. '), minLength: 1, maxLength: 40 }), (number) => {
      const reference = creditorReference(number);
      expect(reference).toMatch(/^RF\d{2}[0-9A-Z]{0,21}$/);
      expect(isValid(reference)).toBe(true);
    }),
  );
});

test('numbers too long for a creditor reference still have different ones', () => {
  const long = (last: string) => creditorReference(`INV-A-VERY-LONG-ENTITY-CODE-2026-00000${last}`);
  expect(long('1')).not.toBe(long('2'));
  expect(long('1')).toHaveLength(24);
});

test.each`
  day             | days   | then
  ${'2026-11-24'} | ${0}   | ${'2026-11-24'}
  ${'2026-11-24'} | ${30}  | ${'2026-12-24'}
  ${'2026-12-31'} | ${1}   | ${'2027-01-01'}
  ${'2028-02-28'} | ${1}   | ${'2028-02-29'}
  ${'2027-02-28'} | ${1}   | ${'2027-03-01'}
  ${'2026-03-28'} | ${1}   | ${'2026-03-29'}
  ${'2026-10-25'} | ${1}   | ${'2026-10-26'}
  ${'2026-01-01'} | ${-1}  | ${'2025-12-31'}
  ${'2026-01-01'} | ${365} | ${'2027-01-01'}
`('$days days after $day is $then', ({ day, days, then }) => {
  expect(addDays(day, days)).toBe(then);
});

const { ISSUED, VOIDED } = InvoiceState;
test.each`
  state     | settlement               | open    | actions
  ${ISSUED} | ${UNPAID}                | ${100n} | ${'voidInvoice rebillInvoice creditInvoice applyPayment'}
  ${ISSUED} | ${PARTLY_PAID}           | ${40n}  | ${'creditInvoice applyPayment unapplyPayment'}
  ${ISSUED} | ${PAID}                  | ${0n}   | ${'unapplyPayment'}
  ${VOIDED} | ${SettlementState.VOIDED} | ${0n}   | ${''}
`('an invoice that is $state and $settlement with $open open may go through: $actions', ({ state, settlement, open, actions }) => {
  expect(availableActions({ state, settlement, openMinor: open, totalMinor: 100n }).map(({ mutation }) => mutation).join(' ')).toBe(actions);
});
