import fc from 'fast-check';
import { AMOUNT_MINOR_MAX, digitsOf, formatDecimal, minus, parseDecimal, parseMinor, plus, share, split, sum } from '../../entities/money';
import { money } from '../../entities/types';

const CURRENCIES = ['JPY', 'EUR', 'KWD', 'CLF'] as const;
const anyMinor = fc.bigInt({ min: -AMOUNT_MINOR_MAX, max: AMOUNT_MINOR_MAX });
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

test.each`
  minor       | currency | text
  ${0n}       | ${'JPY'} | ${'0'}
  ${1230n}    | ${'JPY'} | ${'1230'}
  ${-5n}      | ${'JPY'} | ${'-5'}
  ${0n}       | ${'EUR'} | ${'0.00'}
  ${1230n}    | ${'EUR'} | ${'12.30'}
  ${5n}       | ${'EUR'} | ${'0.05'}
  ${-5n}      | ${'EUR'} | ${'-0.05'}
  ${-1230n}   | ${'EUR'} | ${'-12.30'}
  ${1n}       | ${'KWD'} | ${'0.001'}
  ${12_345n}  | ${'KWD'} | ${'12.345'}
  ${1n}       | ${'CLF'} | ${'0.0001'}
  ${123_456n} | ${'CLF'} | ${'12.3456'}
`('$minor minor units of $currency are $text, written and read', ({ minor, currency, text }) => {
  expect(formatDecimal(minor, currency)).toBe(text);
  expect(parseDecimal(text, currency)).toBe(minor);
  expect(money(minor, currency)).toEqual({ amountMinor: minor.toString(), amount: text, currency });
});

test.each`
  text         | currency | minor
  ${'12'}      | ${'EUR'} | ${1200n}
  ${'12.'}     | ${'EUR'} | ${1200n}
  ${'12.3'}    | ${'EUR'} | ${1230n}
  ${'+12.30'}  | ${'EUR'} | ${1230n}
  ${'012.30'}  | ${'EUR'} | ${1230n}
  ${'12.3000'} | ${'EUR'} | ${1230n}
  ${'-0'}      | ${'EUR'} | ${0n}
  ${'7.00'}    | ${'JPY'} | ${7n}
`('$text $currency is read as $minor', ({ text, currency, minor }) => {
  expect(parseDecimal(text, currency)).toBe(minor);
});

test.each(CURRENCIES)('every amount of %s survives being written and read', (currency) => {
  fc.assert(fc.property(anyMinor, (minor) => parseDecimal(formatDecimal(minor, currency), currency) === minor));
});

test.each(CURRENCIES)('a decimal of %s has exactly the digits of the currency', (currency) => {
  fc.assert(fc.property(anyMinor, (minor) => (formatDecimal(minor, currency).split('.')[1] ?? '').length === digitsOf(currency)));
});

test.each`
  text                        | currency | code
  ${''}                       | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${' 1'}                     | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'1 '}                     | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'1,00'}                   | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'1.000,00'}               | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'.5'}                     | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'1e3'}                    | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'--1'}                    | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'NaN'}                    | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'0x10'}                   | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'١٢'}                     | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'1\n'}                    | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'1234567890123456789'}    | ${'EUR'} | ${'AMOUNT_MALFORMED'}
  ${'0.5'}                    | ${'JPY'} | ${'AMOUNT_TOO_PRECISE'}
  ${'0.001'}                  | ${'EUR'} | ${'AMOUNT_TOO_PRECISE'}
  ${'0.0001'}                 | ${'KWD'} | ${'AMOUNT_TOO_PRECISE'}
  ${'0.00001'}                | ${'CLF'} | ${'AMOUNT_TOO_PRECISE'}
  ${'90000000000000.01'}      | ${'EUR'} | ${'AMOUNT_TOO_LARGE'}
  ${'-90000000000000.01'}     | ${'EUR'} | ${'AMOUNT_TOO_LARGE'}
  ${'1'}                      | ${'eur'} | ${'CURRENCY_UNKNOWN'}
  ${'1'}                      | ${'XAU'} | ${'CURRENCY_UNKNOWN'}
  ${'1'}                      | ${'XTS'} | ${'CURRENCY_UNKNOWN'}
  ${'1'}                      | ${''}    | ${'CURRENCY_UNKNOWN'}
`('the decimal $text of $currency is refused with $code', ({ text, currency, code }) => {
  expect(thrownBy(() => parseDecimal(text, currency))).toEqual(refusal(code));
});

test.each`
  text                       | code
  ${'1.0'}                   | ${'AMOUNT_MALFORMED'}
  ${'+1'}                    | ${'AMOUNT_MALFORMED'}
  ${''}                      | ${'AMOUNT_MALFORMED'}
  ${'-'}                     | ${'AMOUNT_MALFORMED'}
  ${'1n'}                    | ${'AMOUNT_MALFORMED'}
  ${'123456789012345678901'} | ${'AMOUNT_MALFORMED'}
  ${'9000000000000001'}      | ${'AMOUNT_TOO_LARGE'}
  ${'-9000000000000001'}     | ${'AMOUNT_TOO_LARGE'}
`('the minor units $text are refused with $code', ({ text, code }) => {
  expect(thrownBy(() => parseMinor(text))).toEqual(refusal(code));
});

test.each(['9000000000000000', '-9000000000000000', '0', '-0', '007'])('the minor units %s are taken', (text) => {
  expect(parseMinor(text)).toBe(BigInt(text));
});

test('mixing currencies is a bug of the caller, not a refusal', () => {
  const [euro, dollar] = [{ minor: 1n, currency: 'EUR' }, { minor: 1n, currency: 'USD' }];
  expect(() => plus(euro, dollar)).toThrow(RangeError);
  expect(() => minus(euro, dollar)).toThrow(RangeError);
  expect(plus(euro, euro)).toEqual({ minor: 2n, currency: 'EUR' });
  expect(minus(euro, euro)).toEqual({ minor: 0n, currency: 'EUR' });
});

test.each`
  minor   | part  | of    | expected
  ${100n} | ${1n} | ${3n} | ${33n}
  ${200n} | ${1n} | ${3n} | ${67n}
  ${1n}   | ${1n} | ${2n} | ${1n}
  ${3n}   | ${1n} | ${2n} | ${2n}
  ${-1n}  | ${1n} | ${2n} | ${-1n}
  ${-3n}  | ${1n} | ${2n} | ${-2n}
  ${-1n}  | ${1n} | ${3n} | ${0n}
  ${0n}   | ${1n} | ${2n} | ${0n}
  ${5n}   | ${0n} | ${2n} | ${0n}
  ${49n}  | ${1n} | ${100n} | ${0n}
  ${50n}  | ${1n} | ${100n} | ${1n}
`('$part/$of of $minor is $expected, halves going away from zero', ({ minor, part, of, expected }) => {
  expect(share(minor, part, of)).toBe(expected);
});

test('a share is never more than half a unit off, and that of the negative is its mirror image', () => {
  const parts = [anyMinor, fc.bigInt({ min: 0n, max: 1_000_000n }), fc.bigInt({ min: 1n, max: 1_000_000n })] as const;
  fc.assert(
    fc.property(...parts, (minor, numerator, denominator) => {
      const rounded = share(minor, numerator, denominator);
      const off = (rounded * denominator - minor * numerator) * 2n;
      expect((off < 0n ? -off : off) <= denominator).toBe(true);
      expect(share(-minor, numerator, denominator)).toBe(-rounded);
    }),
  );
});

test.each`
  whole   | weights             | parts
  ${100n} | ${[1n, 1n, 1n]}     | ${[34n, 33n, 33n]}
  ${101n} | ${[1n, 1n, 1n]}     | ${[34n, 34n, 33n]}
  ${1n}   | ${[1n, 1n]}         | ${[1n, 0n]}
  ${0n}   | ${[1n, 2n]}         | ${[0n, 0n]}
  ${10n}  | ${[3n]}             | ${[10n]}
  ${10n}  | ${[0n, 3n, 3n, 3n]} | ${[0n, 4n, 3n, 3n]}
  ${1n}   | ${[0n, 7n]}         | ${[0n, 1n]}
`('$whole split by $weights is $parts', ({ whole, weights, parts }) => {
  expect(split(whole, weights)).toEqual(parts);
});

test('parts sum to the whole, each at most a unit off its due, and what weighs nothing gets nothing', () => {
  const weights = fc.array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 1, maxLength: 40 }).filter((all) => sum(all) > 0n);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: AMOUNT_MINOR_MAX }), weights, (whole, all) => {
      const parts = split(whole, all);
      const weight = sum(all);
      expect(sum(parts)).toBe(whole);
      parts.forEach((part, index) => {
        const off = part * weight - whole * all[index]!;
        expect((off < 0n ? -off : off) <= weight).toBe(true); // the earliest parts take the odd units, also one that came out even
        if (all[index] === 0n) expect(part).toBe(0n);
      });
    }),
  );
});

test.each([[[]], [[0n]], [[0n, 0n]], [[1n, -1n]]])('a split by weights %p, which sum to nothing, is a bug', (weights) => {
  expect(() => split(1n, weights)).toThrow(RangeError);
});
