import ts from 'typescript';
import { wrongArrows } from './arrows';
import { crowdedOf, functionsOf } from './measures';
import type { Source } from './sources';
import { jumps, moneyAsNumber, unaskedTime } from './words';

const source = (path: string, text: string): Source => ({ path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) });

test.each`
  path                                       | target
  ${'entities/invoices/Invoice.ts'}          | ${'../../subgraphs/act'}
  ${'entities/money.ts'}                     | ${'../sync/clock'}
  ${'sync/runner.ts'}                        | ${'../subgraphs/act'}
  ${'sync/runner.ts'}                        | ${'../connectors/connector'}
  ${'connectors/camt/read.ts'}               | ${'../../gateway/server'}
  ${'connectors/camt/read.ts'}               | ${'../sandbox/wire'}
  ${'subgraphs/invoices/commands/x.ts'}      | ${'../../payments/events'}
  ${'subgraphs/invoices/on/paymentMade.ts'}  | ${'../../payments/rules'}
  ${'subgraphs/invoices/commands/x.ts'}      | ${'../../../connectors/camt/read'}
  ${'subgraphs/invoices/rules.ts'}           | ${'../../entities/rows'}
  ${'subgraphs/invoices/rules.ts'}           | ${'../act'}
  ${'subgraphs/invoices/rules.ts'}           | ${'node:fs'}
  ${'subgraphs/invoices/rules.ts'}           | ${'typeorm'}
  ${'subgraphs/act.ts'}                      | ${'../gateway/server'}
  ${'subgraphs/act.ts'}                      | ${'./invoices/rules'}
  ${'gateway/server.ts'}                     | ${'../subgraphs/invoices/rules'}
  ${'gateway/server.ts'}                     | ${'../cli/house'}
`('$path may not import $target', ({ path, target }) => {
  expect(wrongArrows(source(path, `import { x } from '${target}';`))).toHaveLength(1);
});

test.each`
  path                                      | text
  ${'subgraphs/invoices/on/paymentMade.ts'} | ${"import { paymentMade } from '../../payments/events';"}
  ${'sync/runner.ts'}                       | ${"import type { Connector } from '../connectors/connector';"}
  ${'entities/operations/Posting.ts'}       | ${"import { type Backend } from '../../sync/documents';"}
  ${'connectors/bankFiles.ts'}              | ${"import { perform } from '../subgraphs/act';"}
  ${'connectors/camt/bankFile.ts'}          | ${"import { linesOf } from '../bankFile';"}
`('$path may say $text', ({ path, text }) => {
  expect(wrongArrows(source(path, text))).toEqual([]);
});

test.each`
  text                                                           | finds
  ${'interface A { totalMinor: number }'}                        | ${moneyAsNumber}
  ${'const unitPrice: number = 1;'}                              | ${moneyAsNumber}
  ${'const at = new Date();'}                                    | ${unaskedTime}
  ${'const at = Date.now();'}                                    | ${unaskedTime}
  ${'const dice = Math.random();'}                               | ${unaskedTime}
  ${'invoice.state = InvoiceState.VOIDED;'}                      | ${jumps}
  ${'invoice.state = VOIDED;'}                                   | ${jumps}
  ${'Object.assign(invoice, { state: InvoiceState.VOIDED });'}   | ${jumps}
  ${'function f(a: A, b: B, c: C, d: D) {}'}                     | ${crowdedOf}
`('$finds.name finds $text', ({ text, finds }) => {
  expect((finds as (file: Source) => string[])(source('sync/x.ts', text))).toHaveLength(1);
});

test.each`
  text                                                                  | finds
  ${'const at = new Date(0);'}                                          | ${unaskedTime}
  ${"invoice.state = move(INVOICE_MOVES, invoice.state, 'void');"}      | ${jumps}
  ${'Object.assign(new Invoice(), { state: InvoiceState.ISSUED });'}    | ${jumps}
  ${'class A extends Error { constructor(a: A, b: B, c: C, d: D) {} }'} | ${crowdedOf}
`('$finds.name lets $text pass', ({ text, finds }) => {
  expect((finds as (file: Source) => string[])(source('sync/x.ts', text))).toEqual([]);
});

test('a function is as long as from its first line to its last', () => {
  expect(functionsOf(source('sync/x.ts', 'function f() {\n  return 1;\n}\n'))).toEqual([{ key: 'sync/x.ts#f', at: 'sync/x.ts:1', lines: 3 }]);
});
