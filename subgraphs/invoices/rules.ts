import { createHash } from 'node:crypto';
import type { Customer } from '../../entities/customers/Customer';
import type { DocumentAuthority, LegalEntity } from '../../entities/customers/LegalEntity';
import type { Product } from '../../entities/customers/Product';
import type { CreditMemo } from '../../entities/invoices/CreditMemo';
import { type Invoice, InvoiceAction, type InvoiceLine, type SettlementState } from '../../entities/invoices/Invoice';
import type { Meter } from '../../entities/invoices/Meter';
import { type DraftLine, lineOf, type Totals } from '../../entities/invoices/pricing';
import type { UsagePeriod } from '../../entities/invoices/UsagePeriod';
import { share, sum, tally } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import type { Authority, CreditMemoDocument, DocumentLine, InvoiceDocument } from '../../sync/documents';
import { addDays, daysBetween } from '../../entities/terms/days';
import { spreadOf } from '../../entities/terms/revenue';
import { formatUnits } from '../../entities/terms/rating';
import type { Difference, DuePart } from '../../entities/terms/schedule';
import type { Accounting } from '../accounting';
import { move } from '../move';
import { INVOICE_MOVES, SETTLEMENT_MOVES } from './states';

/** A part of an invoice line to take back, after what earlier memos took of it; amounts before tax. */
export interface LineCredit {
  line: InvoiceLine;
  beforeMinor: bigint;
  netMinor: bigint;
  /** How the memo says it: whole units at the line's price, or 1 at the amount. */
  quantity: bigint;
  unitPriceMinor: bigint;
}

/**
 * Prices credits at what the invoice charged. A line's tax comes back cumulatively: what all its credits are due up to this amount, less
 * what the earlier ones had. So crediting piece by piece returns the line's tax to the unit, neither more nor less.
 */
export function priceCredits(credits: readonly LineCredit[], currency: string): Totals {
  const lines = credits.map(({ line, beforeMinor, netMinor, quantity, unitPriceMinor }, index) => {
    const whole = BigInt(line.netMinor);
    const due = (minor: bigint) => (whole === 0n ? 0n : share(BigInt(line.taxMinor), minor, whole));
    const draft = { ...line, ofLineId: line.lineId, quantity, unitPriceMinor };
    return lineOf(draft, { id: `credit-${index + 1}`, net: netMinor, tax: due(beforeMinor + netMinor) - due(beforeMinor), currency });
  });
  const netMinor = sum(lines.map((line) => BigInt(line.netMinor)));
  const taxMinor = sum(lines.map((line) => BigInt(line.taxMinor)));
  return { lines, netMinor, taxMinor, totalMinor: netMinor + taxMinor };
}

/** Refuses MONTH_MALFORMED for what is not `YYYY-MM`. */
export function checkMonth(text: string, path: string): void {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new Refusal('MONTH_MALFORMED', `${JSON.stringify(text)} is not a month as YYYY-MM.`, path);
}

/** What memos have taken back of each line of their invoice so far, before tax. */
export function creditedByLine(memos: readonly CreditMemo[]): Map<string, bigint> {
  const taken = new Map<string, bigint>();
  for (const { ofLineId, netMinor } of memos.flatMap((memo) => memo.lineItems)) tally(taken, ofLineId!, BigInt(netMinor));
  return taken;
}

/** The line of an invoice that charges what is owed for a billing period of a contract line: units at their price where that is the whole of it. */
export function chargeLine(difference: Difference, { product, accounting }: { product: Product; accounting: Accounting }): DraftLine {
  const { deltaMinor, billedMinor, parts, period } = difference;
  const { taxCode, taxRatePercent, revenueAccount, deferredAccount, revenueMethod } = accounting;
  const [first, last] = [parts[0]!, parts.at(-1)!];
  const plain = billedMinor === 0n && parts.length === 1 && first.quantity * first.unitPriceMinor === deltaMinor;
  const whole = plain || (first.from === period?.from && last.until === period.until);
  const partial = billedMinor !== 0n ? ', adjusted' : whole ? '' : ', prorated';
  return {
    productId: product.id,
    description: `${product.name}, ${usedIn(parts)}${first.from} to ${addDays(last.until, -1)}${partial}`,
    quantity: plain ? first.quantity : 1n,
    unitPriceMinor: plain ? first.unitPriceMinor : deltaMinor,
    taxCode, taxRatePercent,
    revenueAccount,
    deferredAccount: first.rated || !spreadOf(revenueMethod) ? undefined : deferredAccount!,
    serviceFrom: first.from,
    serviceUntil: last.until,
  };
}

/** How much usage a charge is for; nothing for one that is not for usage. */
function usedIn(parts: readonly DuePart[]): string {
  const rated = parts.flatMap((part) => part.rated ?? []);
  return rated.length === 0 ? '' : `${formatUnits(sum(rated.map(({ quantity }) => quantity)), rated[0]!.decimals)} used, `;
}

/** An invoice line that billed something, with what is left of it after credits, before tax. */
export interface BilledLine {
  invoice: Invoice;
  line: InvoiceLine;
  beforeMinor: bigint;
}

/** Spreads an amount to be credited over the lines that billed it, in their order; what they no longer hold is not credited a second time. */
export function spreadCredit(amountMinor: bigint, lines: readonly BilledLine[]): { of: BilledLine; credit: LineCredit }[] {
  let rest = amountMinor;
  return lines.flatMap((of) => {
    const left = BigInt(of.line.netMinor) - of.beforeMinor;
    const netMinor = rest < left ? rest : left;
    if (netMinor <= 0n) return [];
    rest -= netMinor;
    return [{ of, credit: { line: of.line, beforeMinor: of.beforeMinor, netMinor, quantity: 1n, unitPriceMinor: netMinor } }];
  });
}

/** What is open after a change of `deltaMinor`, and the settlement that follows from it. */
export function settle(invoice: Pick<Invoice, 'openMinor' | 'totalMinor' | 'settlement'>, deltaMinor: bigint): { openMinor: bigint; settlement: SettlementState } {
  const openMinor = invoice.openMinor + deltaMinor;
  if (openMinor < 0n || openMinor > invoice.totalMinor) throw new RangeError(`open ${openMinor} of ${invoice.totalMinor}`);
  const verb = openMinor === 0n ? 'settle' : openMinor === invoice.totalMinor ? 'reopen' : 'pay';
  return { openMinor, settlement: move<SettlementState>(SETTLEMENT_MOVES, invoice.settlement, verb) };
}

const BEFORE_MAX = 3;

/** Why the usage of a period is not billed before somebody has looked at it; null if it may be. `earlier` are the periods of its line before it. */
export function whyHeld({ unit, decimals, holdAboveUnits, holdAbovePercent }: Meter, period: UsagePeriod, earlier: readonly UsagePeriod[]): string | null {
  const quantity = BigInt(period.counted);
  if (holdAboveUnits !== null && quantity > BigInt(holdAboveUnits) * 10n ** BigInt(decimals)) return `${period.quantity} ${unit} are more than ${holdAboveUnits}.`;
  const before = [...earlier].sort((a, b) => (a.from < b.from ? 1 : -1)).slice(0, BEFORE_MAX);
  const usual = sum(before.map(({ counted }) => BigInt(counted)));
  if (holdAbovePercent === null || usual === 0n) return null;
  const daysOf = ({ from, until }: UsagePeriod) => BigInt(daysBetween(from, until));
  const most = usual * BigInt(holdAbovePercent) * daysOf(period);
  const days = sum(before.map(daysOf));
  return quantity * 100n * days > most ? `${period.quantity} ${unit} are more than ${holdAbovePercent} % of what was used before, ${formatUnits(most / (100n * days), decimals)} for as many days.` : null;
}

/** What may be done with an invoice now, by its own states: the tables of moves, and what is open of it. */
export function availableActions({ state, settlement, openMinor, totalMinor }: Pick<Invoice, 'state' | 'settlement' | 'openMinor' | 'totalMinor'>): InvoiceAction[] {
  const action = (mutation: string, axis: string, leadsTo: string[]) => Object.assign(new InvoiceAction(), { mutation, axis, leadsTo });
  const may = (table: Record<string, Partial<Record<string, string>>>, from: string, verb: string) => table[from]?.[verb] !== undefined;
  if (!may(INVOICE_MOVES, state, 'credit')) return [];
  const untouched = openMinor === totalMinor && may(SETTLEMENT_MOVES, settlement, 'void');
  return [
    ...(untouched && may(INVOICE_MOVES, state, 'void') ? [action('voidInvoice', 'DOCUMENT', [INVOICE_MOVES.ISSUED.void]), action('rebillInvoice', 'DOCUMENT', [INVOICE_MOVES.ISSUED.void])] : []),
    ...(openMinor > 0n ? [action('creditInvoice', 'SETTLEMENT', ['PARTLY_PAID', 'PAID']), action('applyPayment', 'SETTLEMENT', ['PARTLY_PAID', 'PAID'])] : []),
    ...(openMinor < totalMinor ? [action('unapplyPayment', 'SETTLEMENT', ['UNPAID', 'PARTLY_PAID'])] : []),
  ];
}

const TERMS_DAYS = 30;

/** The day on which an invoice is due, by the payment terms of its customer. */
export const dueDateOf = ({ paymentTermsDays }: Pick<Customer, 'paymentTermsDays'>, invoiceDate: string): string => addDays(invoiceDate, paymentTermsDays ?? TERMS_DAYS);

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

/** What another system says of the documents of a legal entity, in our place; undefined where nobody does. Of a credit memo only the number: it takes back the tax of its invoice. */
export function authorityOf({ numberAuthority, taxAuthority }: LegalEntity, kind: 'invoice' | 'creditMemo'): Authority | undefined {
  const [number, tax] = [BACKEND_OF[numberAuthority], kind === 'invoice' ? BACKEND_OF[taxAuthority] : undefined];
  const backend = number ?? tax;
  return backend && { backend, gives: [...(number ? ['NUMBER' as const] : []), ...(tax ? ['TAX' as const] : [])] };
}

const BACKEND_OF: Record<DocumentAuthority, 'billing' | 'erp' | undefined> = { GATEWAY: undefined, BILLING: 'billing', ERP: 'erp' };

/** What a document is called until its authority has numbered it. */
export const provisionalNumber = (prefix: string, { code }: Pick<LegalEntity, 'code'>, id: string): string => `${prefix}-${code}-P${id.slice(4, 16).toUpperCase()}`;

/** An invoice with the taxes that its authority gave it, by line id, as far as they are known. */
export function withTaxes({ lineItems, netMinor }: Pick<Invoice, 'lineItems' | 'netMinor'>, taxes: Readonly<Record<string, string>>): Pick<Invoice, 'lineItems' | 'taxMinor' | 'totalMinor'> {
  const lines = lineItems.map((line) => ({ ...line, taxMinor: taxes[line.lineId] ?? line.taxMinor }));
  const taxMinor = sum(lines.map((line) => BigInt(line.taxMinor)));
  return { lineItems: lines as Invoice['lineItems'], taxMinor, totalMinor: netMinor + taxMinor };
}

function documentLine(line: InvoiceLine): DocumentLine {
  const { lineId, ofLineId, description, quantity, unitPriceMinor, netMinor, taxMinor, taxCode, taxRatePercent, revenueAccount, deferredAccount } = line;
  const plain = { lineId, ofLineId, description, quantity, unitPriceMinor, netMinor, taxMinor, taxCode, taxRatePercent, revenueAccount };
  return deferredAccount ? { ...plain, deferredAccount } : plain;
}

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
