import { createHash } from 'node:crypto';
import { type CreditMemo } from '../../entities/invoices/CreditMemo';
import { type Invoice, InvoiceLine, type SettlementState } from '../../entities/invoices/Invoice';
import { AMOUNT_MINOR_MAX, share, split, sum } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import type { CreditMemoDocument, DocumentLine, InvoiceDocument } from '../../sync/documents';
import { move } from '../move';
import { SETTLEMENT_MOVES } from './states';

/** A line as asked for: whole units at a price before tax. */
export interface DraftLine {
  productId: string;
  /** On a credit memo: the line of the invoice that it takes back. */
  ofLineId?: string | null;
  description: string;
  quantity: bigint;
  unitPriceMinor: bigint;
  taxCode: string;
  taxRatePercent: string;
  revenueAccount: string;
}

export interface Totals {
  lines: InvoiceLine[];
  netMinor: bigint;
  taxMinor: bigint;
  totalMinor: bigint;
}

const RATE_SCALE = 1_000_000n;

/** "7.7" percent as parts of a million: 77000. */
export function ratePerMillion(percent: string): bigint {
  const [whole, fraction = ''] = percent.split('.');
  return BigInt(whole! + fraction.padEnd(4, '0'));
}

/**
 * Prices lines and taxes them. Tax is worked out once per tax code and rate on the sum of its lines, rounded half up, and spread
 * over them so that line taxes sum to the document's: the usual rule for invoice tax, and the ERPs'. Refuses AMOUNT_TOO_LARGE.
 */
export function priceLines(drafts: readonly DraftLine[], currency: string): Totals {
  const nets = drafts.map((draft) => draft.quantity * draft.unitPriceMinor);
  const taxes = nets.map(() => 0n);
  const groups = new Map<string, number[]>();
  drafts.forEach(({ taxCode, taxRatePercent }, index) => {
    const group = `${taxCode}|${taxRatePercent}`;
    groups.set(group, [...(groups.get(group) ?? []), index]);
  });
  for (const members of groups.values()) {
    const net = sum(members.map((index) => nets[index]!));
    const tax = share(net, ratePerMillion(drafts[members[0]!]!.taxRatePercent), RATE_SCALE);
    const parts = net === 0n ? members.map(() => 0n) : split(tax, members.map((index) => nets[index]!));
    members.forEach((index, place) => (taxes[index] = parts[place]!));
  }
  const lines = drafts.map((draft, index) => lineOf(draft, { id: `line-${index + 1}`, net: nets[index]!, tax: taxes[index]!, currency }));
  const [netMinor, taxMinor] = [sum(nets), sum(taxes)];
  if (netMinor + taxMinor > AMOUNT_MINOR_MAX) throw new Refusal('AMOUNT_TOO_LARGE', 'The total is beyond what one document may carry.', 'input.lines');
  return { lines, netMinor, taxMinor, totalMinor: netMinor + taxMinor };
}

function lineOf(draft: DraftLine, at: { id: string; net: bigint; tax: bigint; currency: string }): InvoiceLine {
  const { productId, description, taxCode, taxRatePercent, revenueAccount } = draft;
  return Object.assign(new InvoiceLine(), {
    lineId: at.id,
    ofLineId: draft.ofLineId ?? null,
    productId,
    description,
    quantity: draft.quantity.toString(),
    unitPriceMinor: draft.unitPriceMinor.toString(),
    netMinor: at.net.toString(),
    taxMinor: at.tax.toString(),
    taxCode,
    taxRatePercent,
    revenueAccount,
    currency: at.currency,
  });
}

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

/** The day `days` after a day. */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
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
