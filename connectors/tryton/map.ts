import { formatDecimal, parseMinor, sum } from '../../entities/money';
import { effectiveDateOf, postingDateOf } from '../../sync/documents';
import type { ApplicationDocument, CreditMemoDocument, DocumentLine, InvoiceDocument, PostingDocument } from '../../sync/documents';
import { type Books, percentKey } from './books';
import { ErpRejection } from './faults';
import { type Id, type Values, date, decimal } from './values';

export type InvoiceKind = 'invoice' | 'creditMemo' | 'invoiceVoid';
type InvoiceBody = InvoiceDocument | CreditMemoDocument;

/** Records that an invoice refers to and that only Tryton knows. */
export interface InvoiceRefs {
  party: Id;
  address: Id;
  /** Percent key to tax record, for every rate of the document. */
  taxes: ReadonlyMap<string, Id>;
  /** Line id to the original invoice's line record, for a credit; `''` is the line to name when none has the id. */
  origins?: ReadonlyMap<string, Id>;
}

/** Under which reference Tryton keeps a document. A void may carry its invoice's id, and must not be taken for the invoice. */
export function referenceOf(document: PostingDocument): string {
  if (document.kind !== 'invoiceVoid') return document.externalId;
  const { invoiceId } = document.body as CreditMemoDocument;
  return document.externalId === invoiceId ? `${document.externalId}/void` : document.externalId;
}

/** The number printed on the document. Two documents never share one, so a void that repeats its invoice's gets a suffix. */
export function numberOf(document: PostingDocument): string {
  const body = document.body as CreditMemoDocument;
  return document.kind === 'invoiceVoid' && body.number === body.invoiceNumber ? `${body.number}-VOID` : body.number;
}

/** A draft customer invoice, still without its number; credits and voids have negative quantities, as Tryton wants them. */
export function invoiceValues(document: PostingDocument, books: Books, refs: InvoiceRefs): Values {
  const body = document.body as InvoiceBody;
  const sign = document.kind === 'invoice' ? 1n : -1n;
  const { company, currencyId } = books;
  const lines = body.lines.map((line) => ({
    type: 'line', invoice_type: 'out', company, currency: currencyId,
    account: revenueAccount(books, line.revenueAccount),
    ...quantityAndPrice(line, { currency: body.currency, sign }),
    note: line.lineId,
    taxes: [['add', [refs.taxes.get(percentKey(line.taxRatePercent))!]]],
    ...originOf(refs, line),
  }));
  return {
    type: 'out', company, party: refs.party, invoice_address: refs.address, account: books.receivable,
    journal: books.revenueJournal, currency: currencyId,
    reference: referenceOf(document), description: descriptionOf(document),
    invoice_date: date(body.invoiceDate), payment_term_date: date(body.dueDate), ...accountingDate(document),
    lines: [['create', lines]],
  };
}

/** Tryton books an invoice under its own date unless it has an accounting date besides. */
export function accountingDate({ postingDate }: PostingDocument): Values {
  return postingDate === undefined ? {} : { accounting_date: date(postingDate) };
}

function descriptionOf(document: PostingDocument): string {
  const body = document.body as CreditMemoDocument;
  return document.kind === 'invoice' ? body.customerName : `${body.invoiceNumber}: ${body.reason}`;
}

function originOf(refs: InvoiceRefs, line: DocumentLine): Values {
  const origin = refs.origins?.get(line.lineId) ?? refs.origins?.get('');
  return origin === undefined ? {} : { origin: `account.invoice.line,${origin}` };
}

export function revenueAccount(books: Books, code: string): Id {
  const account = books.accounts.get(code);
  if (account?.kind !== 'revenue') throw new ErpRejection('ERP_ACCOUNT_UNKNOWN', `Tryton has no revenue account ${code}.`);
  return account.id;
}

/** Hundredths of a unit, or undefined for a quantity that Tryton's two decimals cannot hold. */
function hundredths(quantity: string): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,2})0*)?$/.exec(quantity);
  return match ? BigInt(match[1]! + (match[2] ?? '').padEnd(2, '0')) : undefined;
}

/**
 * Tryton computes a line's amount as quantity × unit price. Where that is not our net amount to the minor unit (proration,
 * tiers, finer quantities) the line is one piece at the net amount, and the description says what was measured.
 */
function quantityAndPrice(line: DocumentLine, { currency, sign }: { currency: string; sign: bigint }): Values {
  const net = parseMinor(line.netMinor);
  const price = parseMinor(line.unitPriceMinor);
  const quantity = hundredths(line.quantity);
  if (quantity !== undefined && quantity > 0n && quantity * price === net * 100n) {
    const unitPrice = decimal(formatDecimal(price, currency));
    return { quantity: Number(quantity * sign) / 100, unit_price: unitPrice, description: line.description };
  }
  const measured = `${line.description} (${line.quantity} × ${formatDecimal(price, currency)})`;
  return { quantity: Number(sign), unit_price: decimal(formatDecimal(net, currency)), description: measured };
}

/** Our tax per percentage, and how far Tryton's may be off by rounding alone: one minor unit a line. */
export function taxesOf(body: InvoiceDocument): Map<string, { minor: bigint; roundingMinorMax: bigint }> {
  const taxes = new Map<string, { minor: bigint; roundingMinorMax: bigint }>();
  for (const line of body.lines) {
    const key = percentKey(line.taxRatePercent);
    const before = taxes.get(key) ?? { minor: 0n, roundingMinorMax: 0n };
    taxes.set(key, { minor: before.minor + parseMinor(line.taxMinor), roundingMinorMax: before.roundingMinorMax + 1n });
  }
  return taxes;
}

/** A document whose own sums disagree must not reach the books. */
export function checkSums(body: InvoiceDocument): void {
  const net = sum(body.lines.map((line) => parseMinor(line.netMinor)));
  const tax = sum(body.lines.map((line) => parseMinor(line.taxMinor)));
  const total = parseMinor(body.totalMinor);
  if (net !== parseMinor(body.netMinor) || tax !== parseMinor(body.taxMinor) || net + tax !== total) {
    throw new ErpRejection('ERP_TOTAL_DIFFERS', `The lines of ${body.number} do not sum to its totals.`);
  }
}

export interface MoveLine {
  account: Id;
  party: Id | null;
  side: 'debit' | 'credit';
  description: string;
  /** What the line moves, in minor units, where it is not what the whole document does. */
  amountMinor?: string;
}

export interface MovePlan {
  company: Id;
  journal: Id;
  period: Id;
  /** `model,id` of the record that the move follows from. */
  origin?: string;
  lines: MoveLine[];
}

/**
 * A draft move; its description is the external id, by which it is found again. A move has one date, so a document that is booked under another
 * than its own says its own in the lines.
 */
export function moveValues(document: PostingDocument, { company, journal, period, origin, lines }: MovePlan): Values {
  const dated = document.postingDate === undefined ? '' : ` (dated ${effectiveDateOf(document)!})`;
  const { amountMinor: ofAll, currency } = document.body as ApplicationDocument;
  const nothing = decimal('0');
  const amountOf = (minor: bigint) => {
    if (minor <= 0n) throw new ErpRejection('ERP_AMOUNT_INVALID', 'Only an amount above zero can be posted.');
    return decimal(formatDecimal(minor, currency));
  };
  return {
    company, journal, period, date: date(postingDateOf(document)!), description: document.externalId,
    ...(origin ? { origin } : {}),
    lines: [['create', lines.map(({ account, party, side, description, amountMinor = ofAll }) => {
      const amount = amountOf(parseMinor(amountMinor));
      return { account, party, description: description + dated, debit: side === 'debit' ? amount : nothing, credit: side === 'credit' ? amount : nothing };
    })]],
  };
}
