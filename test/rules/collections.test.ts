import { InvoiceState } from '../../entities/invoices/Invoice';
import { isOverdue } from '../../subgraphs/collections/rules';

test.each`
  state                  | due             | open  | overdue
  ${InvoiceState.ISSUED} | ${'2026-11-23'} | ${1n} | ${true}
  ${InvoiceState.ISSUED} | ${'2026-11-24'} | ${1n} | ${false}
  ${InvoiceState.ISSUED} | ${'2026-11-25'} | ${1n} | ${false}
  ${InvoiceState.ISSUED} | ${'2026-11-23'} | ${0n} | ${false}
  ${InvoiceState.VOIDED} | ${'2026-11-23'} | ${1n} | ${false}
  ${InvoiceState.ISSUED} | ${'2025-12-31'} | ${1n} | ${true}
`('that an invoice $state, due on $due, with $open open, is overdue on 2026-11-24 is $overdue', ({ state, due, open, overdue }) => {
  expect(isOverdue({ state, dueDate: due, openMinor: open }, '2026-11-24')).toBe(overdue);
});
