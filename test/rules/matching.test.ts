import fc from 'fast-check';
import { decide, type Evidence, type Receivable, similarity, subsetsThatSumTo, suggest } from '../../entities/payments/matching';
import { workThrough } from '../payments/months';

const invoice = (n: number, openMinor: bigint, customerId = 'cus_1'): Receivable => ({
  id: `inv_${n}`, customerId, number: `INV-DE01-2026-00000${n}`, paymentReference: `RF1${n}INVDE01202600000${n}`, openMinor, currency: 'EUR',
});
const [A, B, C] = [invoice(1, 100n), invoice(2, 50n), invoice(3, 30n)];
const ELSE = invoice(4, 20n, 'cus_2');
const said = (...text: string[]): Evidence => ({ creditorReferences: [], references: [], text });
const told = (evidence: Evidence, amountMinor: bigint, { named = [] as Receivable[], payersOpen = null as Receivable[] | null } = {}) => {
  const decision = decide(evidence, { amountMinor, named, payersOpen, payerId: payersOpen?.[0]?.customerId ?? null });
  return decision.found === 'PARTS' ? `${decision.rule} ${decision.parts.map((part) => `${part.invoice.id.slice(4)}:${part.amountMinor}`).join(' ')}` : decision.reason;
};

describe('where money goes without anybody being asked', () => {
  test.each`
    what                                                  | evidence                                 | amount  | named           | payersOpen         | goes
    ${'one invoice, in full'}                             | ${said(A.number)}                        | ${100n} | ${[A]}          | ${null}            | ${'NUMBER_IN_TEXT 1:100'}
    ${'one invoice, in part'}                             | ${said(A.number)}                        | ${80n}  | ${[A]}          | ${[A, B]}          | ${'NUMBER_IN_TEXT 1:80'}
    ${'one invoice, and more'}                            | ${said(A.number)}                        | ${130n} | ${[A]}          | ${[A, C]}          | ${'NUMBER_IN_TEXT 1:100'}
    ${'two that are named and come to the amount'}        | ${said(`${A.number} ${B.number}`)}       | ${150n} | ${[A, B]}       | ${null}            | ${'NAMED_TOGETHER 1:100 2:50'}
    ${'the open one of two that are named'}               | ${{ ...said(B.number), creditorReferences: [A.paymentReference] }} | ${100n} | ${[A, { ...B, openMinor: 0n }]} | ${null} | ${'CREDITOR_REFERENCE 1:100'}
    ${'one of another, of its amount'}                    | ${said(ELSE.number)}                     | ${20n}  | ${[ELSE]}       | ${[A, B]}          | ${'NUMBER_IN_TEXT 4:20'}
    ${'two by different words'}                           | ${{ ...said(B.number), creditorReferences: [A.paymentReference] }} | ${150n} | ${[A, B]} | ${null} | ${'NAMED_TOGETHER 1:100 2:50'}
    ${'the only one of its amount, of a known payer'}     | ${said('thanks')}                        | ${50n}  | ${[]}           | ${[A, B, C]}       | ${'PAYER_AND_AMOUNT 2:50'}
    ${'all that is open of a known payer'}                | ${said('thanks')}                        | ${180n} | ${[]}           | ${[A, B, C]}       | ${'PAYER_AND_AMOUNT 1:100 2:50 3:30'}
  `('$what: $goes', ({ evidence, amount, named, payersOpen, goes }) => {
    expect(told(evidence, amount, { named, payersOpen })).toBe(goes);
  });

  test.each`
    what                                               | evidence                                 | amount  | named           | payersOpen                 | reason
    ${'two named, and another amount'}                 | ${said(`${A.number} ${B.number}`)}       | ${140n} | ${[A, B]}       | ${null}                    | ${/names 2 invoices/}
    ${'two named, of different customers'}             | ${said(`${A.number} ${ELSE.number}`)}    | ${120n} | ${[A, ELSE]}    | ${null}                    | ${/names 2 invoices/}
    ${'two named by one word, of which one is paid'}    | ${said(`${A.number} ${B.number}`)}       | ${100n} | ${[A, { ...B, openMinor: 0n }]} | ${null}   | ${/names 2 invoices/}
    ${'nothing named, and nobody known'}               | ${said('thanks')}                        | ${50n}  | ${[]}           | ${null}                    | ${/No reference/}
    ${'two of the amount'}                             | ${said('thanks')}                        | ${50n}  | ${[]}           | ${[B, invoice(5, 50n)]}    | ${/Several/}
    ${'one of the amount, and two that come to it'}    | ${said('thanks')}                        | ${80n}  | ${[]}           | ${[B, C, invoice(5, 80n)]} | ${/Several/}
    ${'some that come to it, and nothing says so'}     | ${said('thanks')}                        | ${80n}  | ${[]}           | ${[A, B, C]}               | ${/nothing says that they are meant/}
    ${'none of the amount'}                            | ${said('thanks')}                        | ${51n}  | ${[]}           | ${[A, B, C]}               | ${/No invoices/}
    ${'nothing open'}                                  | ${said('thanks')}                        | ${51n}  | ${[]}           | ${[]}                      | ${/Nothing is open/}
    ${'a number much like ours'}                       | ${said('INV-DE01-2026-000099')}          | ${50n}  | ${[]}           | ${[A, B, C]}               | ${/is no invoice of ours/}
    ${'a named invoice that is paid'}                  | ${said(A.number)}                        | ${50n}  | ${[{ ...A, openMinor: 0n }]} | ${[B]}        | ${/Nothing is open of invoice/}
    ${'an invoice of another than who pays from there'} | ${said(ELSE.number)}                   | ${50n}  | ${[ELSE]}       | ${[A, C]}                  | ${/may be misspelt/}
    ${'too many to tell'}                              | ${said('thanks')}                        | ${50n}  | ${[]}           | ${Array.from({ length: 25 }, (_, n) => invoice(n, 50n + BigInt(n)))} | ${/25 invoices/}
  `('a person is asked for $what', ({ evidence, amount, named, payersOpen, reason }) => {
    expect(told(evidence, amount, { named, payersOpen })).toMatch(reason);
  });

  test('what is applied is never more than came in, nor more than is open', () => {
    const amounts = fc.array(fc.bigInt({ min: 1n, max: 200n }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(amounts, fc.bigInt({ min: 1n, max: 600n }), fc.array(fc.nat(7), { maxLength: 4 }), (opens, amountMinor, words) => {
      const open = opens.map((minor, n) => invoice(n, minor));
      const decision = decide(said(words.map((n) => open[n]?.number ?? 'nothing').join(' ')), { amountMinor, named: open, payersOpen: open, payerId: 'cus_1' });
      if (decision.found === 'NOTHING') return;
      expect(decision.parts.reduce((sum, part) => sum + part.amountMinor, 0n)).toBeLessThanOrEqual(amountMinor);
      for (const part of decision.parts) expect(part.amountMinor).toBeLessThanOrEqual(part.invoice.openMinor);
    }));
  });
});

describe('subsets', () => {
  /** All subsets, one by one. */
  const byHand = (amounts: bigint[], target: bigint): string[] => Array.from({ length: 2 ** amounts.length - 1 }, (_, index) => index + 1)
    .map((mask) => amounts.map((_, place) => place).filter((place) => mask & (1 << place)))
    .filter((places) => places.reduce((sum, place) => sum + amounts[place]!, 0n) === target).map((places) => places.join());

  test('a set is found exactly where there is one, and a second one exactly where there are two', () => {
    fc.assert(fc.property(fc.array(fc.bigInt({ min: 1n, max: 30n }), { maxLength: 9 }), fc.bigInt({ min: 1n, max: 120n }), (amounts, target) => {
      const all = byHand(amounts, target);
      const found = subsetsThatSumTo(amounts, target, 2);
      expect(found).toHaveLength(Math.min(all.length, 2));
      for (const places of found) expect(all).toContain(places.join());
    }));
  });
});

describe('suggestions', () => {
  const named = (one: Receivable, customerName = 'Acme') => ({ ...one, customerName });
  const first = (evidence: Evidence, change: Partial<Parameters<typeof suggest>[1]> = {}) =>
    suggest(evidence, { amountMinor: 50n, candidates: [A, B, C, ELSE].map((one) => named(one)), payers: new Set(), payerName: null, ...change }).map(({ parts }) => parts.map(({ invoice: { id } }) => id.slice(4)).join('+'))[0];

  test.each`
    what                                             | evidence                                      | change                                               | likeliest
    ${'the one of the amount'}                       | ${said('thanks')}                             | ${{}}                                                | ${'2'}
    ${'several that come to it, of a known payer'}   | ${said('thanks')}                             | ${{ amountMinor: 130n, payers: new Set(['cus_1']) }} | ${'1+3'}
    ${'what is misspelt'}                            | ${said('INV-DE01-2026-00003')}                | ${{ amountMinor: 29n }}                              | ${'3'}
    ${'what is named, though the amount is another'} | ${said(`${A.number} ${B.number}`)}            | ${{ amountMinor: 140n }}                             | ${'1+2'}
  `('$what comes first: $likeliest', ({ evidence, change, likeliest }) => {
    expect(first(evidence, change)).toBe(likeliest);
  });

  test.each([['ABCDEF', 'ABCDEF', 1], ['ABCDEF', 'ABDCEF', 5 / 6], ['ABCDEF', 'ABCDE', 5 / 6], ['ABCDEF', 'ABCDXF', 5 / 6], ['', '', 1], ['ABC', 'XYZ', 0], ['A', 'ABCDEF', 0]])('%s and %s are alike by %d', (a, b, by) => {
    expect(similarity(a, b)).toBeCloseTo(by, 10);
  });
});

test.each([1, 2, 3])('a year of transfers whose meaning is known: nothing is applied wrongly, most is applied, and the rest is understood (seed %d)', (seed) => {
  const { kinds, rules } = workThrough(seed, 3_000);
  expect([...rules.values()].filter(({ wrong }) => wrong > 0)).toEqual([]);
  const sums = [...kinds.values()].reduce((all, one) => ({ transfers: all.transfers + one.transfers, applied: all.applied + one.applied, suggested: all.suggested + one.suggested }), { transfers: 0, applied: 0, suggested: 0 });
  expect(sums.suggested / (sums.transfers - sums.applied)).toBeGreaterThanOrEqual(0.95);
  for (const kind of ['creditor reference', 'number in text', 'several numbers', 'short, named', 'over, named']) expect(kinds.get(kind)!.applied).toBe(kinds.get(kind)!.transfers);
  expect(kinds.get('no word, one invoice')!.applied / kinds.get('no word, one invoice')!.transfers).toBeGreaterThan(0.8);
});
