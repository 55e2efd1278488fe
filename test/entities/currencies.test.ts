import { readFileSync } from 'node:fs';
import { CURRENCY_DIGITS } from '../../entities/currencies';
import { shared } from '../harness/services';

const file = shared('data/code-lists/iso4217/codes-all.csv');
const testList = file ? test : test.skip;

/** Code → minor unit as ISO says it, of the currencies that were not withdrawn. Only the first column may be quoted. */
function digitsByIso(): Map<string, string> {
  const rows = readFileSync(file!, 'utf8').trim().split(/\r?\n/).slice(1);
  const cells = rows.map((row) => row.split(',').slice(-4)).filter(([code, , , withdrawn]) => code !== '' && withdrawn === '');
  return new Map(cells.map(([code, , digits]) => [code!, digits!]));
}

testList('every currency we take has the minor-unit digits ISO 4217 gives it, and none was withdrawn', () => {
  const iso = digitsByIso();
  const wrong = [...CURRENCY_DIGITS].filter(([code, digits]) => iso.get(code) !== String(digits));
  expect(wrong.map(([code, digits]) => `${code} has ${iso.get(code)}, not ${digits}`)).toEqual([]);
});

testList('no code without a minor unit is money', () => {
  const without = [...digitsByIso()].filter(([, digits]) => !/^\d$/.test(digits)).map(([code]) => code);
  expect(without).toEqual(expect.arrayContaining(['XAU', 'XDR', 'XTS', 'XXX']));
  expect(without.filter((code) => CURRENCY_DIGITS.has(code))).toEqual([]);
});

test.each([
  ['JPY', 0], ['KRW', 0], ['ISK', 0], ['EUR', 2], ['USD', 2], ['GBP', 2], ['CHF', 2], ['HUF', 2], ['BHD', 3], ['KWD', 3], ['TND', 3], ['CLF', 4],
])('%s has %i digits', (code, digits) => {
  expect(CURRENCY_DIGITS.get(code)).toBe(digits);
});
