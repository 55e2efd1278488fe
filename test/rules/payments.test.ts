import fc from 'fast-check';
import { CashState } from '../../entities/payments/Payment';
import { type Evidence, lookupTerms, matchInvoice, type Receivable } from '../../entities/payments/matching';
import { applicable, place } from '../../subgraphs/payments/rules';

const { UNAPPLIED, PARTLY_APPLIED, APPLIED } = CashState;
const invoice = (number: string, paymentReference: string): Receivable => ({
  id: `inv_${number}`, customerId: 'cus_1', number, paymentReference, openMinor: 100n, currency: 'EUR',
});
const A = invoice('INV-DE01-2026-000001', 'RF18INVDE012026000001');
const B = invoice('INV-DE01-2026-000002', 'RF88INVDE012026000002');
const given = (evidence: Partial<Evidence>): Evidence => ({ creditorReferences: [], references: [], text: [], ...evidence });

test.each`
  state             | unapplied | delta    | left    | then
  ${UNAPPLIED}      | ${100n}   | ${-40n}  | ${60n}  | ${PARTLY_APPLIED}
  ${UNAPPLIED}      | ${100n}   | ${-100n} | ${0n}   | ${APPLIED}
  ${PARTLY_APPLIED} | ${60n}    | ${-60n}  | ${0n}   | ${APPLIED}
  ${PARTLY_APPLIED} | ${60n}    | ${40n}   | ${100n} | ${UNAPPLIED}
  ${APPLIED}        | ${0n}     | ${30n}   | ${30n}  | ${PARTLY_APPLIED}
  ${APPLIED}        | ${0n}     | ${100n}  | ${100n} | ${UNAPPLIED}
`('$delta on $unapplied unapplied of 100 leaves $left, $then', ({ state, unapplied, delta, left, then }) => {
  expect(place({ state, unappliedMinor: unapplied, amountMinor: 100n }, delta)).toEqual({ unappliedMinor: left, state: then });
});

test.each([[0n, -1n], [100n, 1n], [40n, -41n], [40n, 61n]])('unapplied cash of %s of 100 that would move by %s is a bug', (unappliedMinor, delta) => {
  expect(() => place({ state: UNAPPLIED, unappliedMinor, amountMinor: 100n }, delta)).toThrow(RangeError);
});

test.each`
  evidence                                                                          | found     | rule
  ${given({ creditorReferences: [A.paymentReference] })}                            | ${A}      | ${'CREDITOR_REFERENCE'}
  ${given({ creditorReferences: ['rf18 inv de01 2026 0000 01'] })}                  | ${A}      | ${'CREDITOR_REFERENCE'}
  ${given({ creditorReferences: [A.number] })}                                      | ${A}      | ${'CREDITOR_REFERENCE'}
  ${given({ references: [A.number] })}                                              | ${A}      | ${'END_TO_END_ID'}
  ${given({ references: [A.paymentReference] })}                                    | ${A}      | ${'END_TO_END_ID'}
  ${given({ references: ['inv-de01-2026-000001'] })}                                | ${A}      | ${'END_TO_END_ID'}
  ${given({ references: ['NOTPROVIDED', A.number] })}                               | ${A}      | ${'END_TO_END_ID'}
  ${given({ text: [`Payment of ${A.number}, thank you`] })}                         | ${A}      | ${'NUMBER_IN_TEXT'}
  ${given({ text: [`${A.number} and again ${A.number}`] })}                         | ${A}      | ${'NUMBER_IN_TEXT'}
  ${given({ text: [`inv ${A.paymentReference}.`] })}                                | ${A}      | ${'NUMBER_IN_TEXT'}
  ${given({ text: ['first line', A.number.toLowerCase()] })}                        | ${A}      | ${'NUMBER_IN_TEXT'}
  ${given({ creditorReferences: [A.paymentReference], references: [B.number] })}    | ${A}      | ${'CREDITOR_REFERENCE'}
  ${given({ references: [A.number], text: [B.number] })}                            | ${A}      | ${'END_TO_END_ID'}
  ${given({ creditorReferences: ['RF00UNKNOWN'], text: [B.number] })}               | ${B}      | ${'NUMBER_IN_TEXT'}
`('$evidence names $found.number by $rule', ({ evidence, found, rule }) => {
  expect(matchInvoice(evidence, [A, B])).toEqual({ found: 'INVOICE', invoice: found, rule, evidence: found.number });
});

test.each`
  evidence                                                                   | found
  ${given({ text: [`${A.number} and ${B.number}`] })}                        | ${'SEVERAL'}
  ${given({ text: [A.number, B.paymentReference] })}                         | ${'SEVERAL'}
  ${given({ references: [A.number, B.number] })}                             | ${'SEVERAL'}
  ${given({ creditorReferences: [A.paymentReference, B.paymentReference] })} | ${'SEVERAL'}
  ${given({})}                                                               | ${'NONE'}
  ${given({ references: ['NOTPROVIDED'] })}                                  | ${'NONE'}
  ${given({ text: ['rent for November'] })}                                  | ${'NONE'}
  ${given({ text: [`${A.number}9`] })}                                       | ${'NONE'}
  ${given({ text: [A.number.slice(0, -1)] })}                                | ${'NONE'}
  ${given({ references: [`${A.number} ${B.number}`] })}                      | ${'NONE'}
`('$evidence is $found, and nothing is guessed', ({ evidence, found }) => {
  expect(matchInvoice(evidence, [A, B])).toEqual({ found, reason: expect.any(String) });
});

test('two invoices by the strongest evidence are named in the reason', () => {
  const match = matchInvoice(given({ references: [A.number, B.number] }), [A, B]);
  expect(match).toMatchObject({ reason: expect.stringContaining(`${A.number}, ${B.number}`) });
});

test('without candidates nothing is found, whatever the transfer says', () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (references, text) => matchInvoice(given({ references, text }), []).found === 'NONE'));
});

test.each`
  evidence                                             | numbers                                     | paymentReferences
  ${given({ references: [` ${A.number} `] })}          | ${[A.number]}                               | ${[]}
  ${given({ creditorReferences: ['rf18 5390 0754'] })} | ${[]}                                       | ${['RF1853900754']}
  ${given({ references: ['RF18 5390'] })}              | ${['RF18 5390']}                            | ${['RF185390']}
  ${given({ text: ['paid inv-1-2026 today'] })}        | ${['INV-1-2026', 'TODAY']}                  | ${[]}
  ${given({ text: ['for RF18539007547034, ok'] })}     | ${['RF18539007547034']}                     | ${['RF18539007547034']}
  ${given({ text: ['a b cd efg'] })}                   | ${[]}                                       | ${[]}
  ${given({ text: ['INV-1/2026. INV-1/2026.'] })}      | ${['INV-1/2026']}                           | ${[]}
`('$evidence is looked up by numbers $numbers and references $paymentReferences', ({ evidence, numbers, paymentReferences }) => {
  expect(lookupTerms(evidence)).toEqual({ numbers, paymentReferences });
});

test('a text of any length is looked up by a bounded number of words', () => {
  const text = Array.from({ length: 5_000 }, (_, index) => `INV-${index + 1_000}`).join(' ');
  expect(lookupTerms(given({ text: [text] })).numbers).toHaveLength(40);
});

test.each`
  unapplied | open    | applied
  ${100n}   | ${40n}  | ${40n}
  ${40n}    | ${100n} | ${40n}
  ${100n}   | ${100n} | ${100n}
  ${0n}     | ${100n} | ${0n}
  ${100n}   | ${0n}   | ${0n}
`('of $unapplied unapplied $applied goes to what has $open open', ({ unapplied, open, applied }) => {
  expect(applicable(unapplied, open)).toBe(applied);
});
