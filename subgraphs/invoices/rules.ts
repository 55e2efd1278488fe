import { createHash } from 'node:crypto';
import { type CreditMemo } from '../../entities/invoices/CreditMemo';
import type { Invoice, InvoiceLine, SettlementState } from '../../entities/invoices/Invoice';
import { lineOf, type Totals } from '../../entities/invoices/pricing';
import { share, sum } from '../../entities/money';
import type { CreditMemoDocument, DocumentLine, InvoiceDocument } from '../../sync/documents';
import { move } from '../move';
import { SETTLEMENT_MOVES } from './states';

/** Units of an invoice line to take back, after those that earlier memos took. */
export interface LineCredit {
  line: InvoiceLine;
  before: bigint;
  quantity: bigint;
}

/**
 * Prices credits at what the invoice charged. A line's tax comes back cumulatively: what all its credits are due up to these units, less
 * what the earlier ones had. So crediting piece by piece returns the line's tax to the unit, neither more nor less.
 */
export function priceCredits(credits: readonly LineCredit[], currency: string): Totals {
  const lines = credits.map(({ line, before, quantity }, index) => {
    const due = (units: bigint) => share(BigInt(line.taxMinor), units, BigInt(line.quantity));
    const net = quantity * BigInt(line.unitPriceMinor);
    const draft = { ...line, ofLineId: line.lineId, quantity, unitPriceMinor: BigInt(line.unitPriceMinor) };
    return lineOf(draft, { id: `credit-${index + 1}`, net, tax: due(before + quantity) - due(before), currency });
  });
  const netMinor = sum(lines.map((line) => BigInt(line.netMinor)));
  const taxMinor = sum(lines.map((line) => BigInt(line.taxMinor)));
  return { lines, netMinor, taxMinor, totalMinor: netMinor + taxMinor };
}

/** What is open after a change of `deltaMinor`, and the settlement that follows from it. */
export function settle(invoice: Pick<Invoice, 'openMinor' | 'totalMinor' | 'settlement'>, deltaMinor: bigint): { openMinor: bigint; settlement: SettlementState } {
  const openMinor = invoice.openMinor + deltaMinor;
  if (openMinor < 0n || openMinor > invoice.totalMinor) throw new RangeError(`open ${openMinor} of ${invoice.totalMinor}`);
  const verb = openMinor === 0n ? 'settle' : openMinor === invoice.totalMinor ? 'reopen' : 'pay';
  return { openMinor, settlement: move<SettlementState>(SETTLEMENT_MOVES, invoice.settlement, verb) };
}

/** `INV-DE01-2026-000042`: series, year of the document, number. */
export function documentNumber(prefix: string, series: { code: string; year: string; number: number }): string {
  return `${prefix}-${series.code}-${series.year}-${String(series.number).padStart(6, '0')}`;
}

/**
 * A creditor reference (ISO 11649) for a document: RF, two check digits (ISO 7064 mod 97-10) and up to 21 characters. A document
 * number longer than that is represented by a digest of it.
 */
export function creditorReference(documentNumberText: string): string {
  const plain = documentNumberText.toUpperCase().replace(/[^0-9A-Z]/g, '');
  const body = plain.length <= 21 ? plain : createHash('sha256').update(documentNumberText).digest('hex').slice(0, 20).toUpperCase();
  const digits = [...`${body}RF00`].map((char) => parseInt(char, 36).toString()).join('');
  return `RF${String(98n - (BigInt(digits) % 97n)).padStart(2, '0')}${body}`;
}

const documentLine = ({ lineId, ofLineId, description, quantity, unitPriceMinor, netMinor, taxMinor, taxCode, taxRatePercent, revenueAccount }: InvoiceLine): DocumentLine => ({
  lineId, ofLineId, description, quantity, unitPriceMinor, netMinor, taxMinor, taxCode, taxRatePercent, revenueAccount,
});

export function invoiceDocument(invoice: Invoice, customerName: string): InvoiceDocument {
  const { number, customerId, invoiceDate, dueDate, currency } = invoice;
  return {
    number, customerId, customerName, invoiceDate, dueDate, currency,
    netMinor: invoice.netMinor.toString(),
    taxMinor: invoice.taxMinor.toString(),
    totalMinor: invoice.totalMinor.toString(),
    lines: invoice.lineItems.map(documentLine),
  };
}

/** The reversal of a whole invoice on a day. */
export function voidDocument(invoice: Invoice, on: { customerName: string; day: string; reason: string }): CreditMemoDocument {
  const document = invoiceDocument(invoice, on.customerName);
  return { ...document, invoiceDate: on.day, dueDate: on.day, invoiceId: invoice.id, invoiceNumber: invoice.number, reason: on.reason };
}

export function creditMemoDocument(memo: CreditMemo, invoice: Invoice, customerName: string): CreditMemoDocument {
  const { number, customerId, creditDate, currency, reason } = memo;
  return {
    number, customerId, customerName, currency, reason,
    invoiceDate: creditDate,
    dueDate: creditDate,
    netMinor: memo.netMinor.toString(),
    taxMinor: memo.taxMinor.toString(),
    totalMinor: memo.totalMinor.toString(),
    lines: memo.lineItems.map(documentLine),
    invoiceId: invoice.id,
    invoiceNumber: invoice.number,
  };
}
