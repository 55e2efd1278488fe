import { digitsOf, formatDecimal, parseMinor, sum, type Amount } from '../../entities/money';
import { Refusal, unreachable } from '../../entities/refusal';
import type { ApplicationDocument, DocumentKind, DocumentLine, InvoiceDocument, PaymentDocument, PostingDocument, RevenueJournalDocument } from '../../sync/documents';

export type AccountKind = 'bank' | 'receivable' | 'unidentifiedReceipts' | 'tax' | 'revenue' | 'deferredRevenue';

/** An account of a legal entity's chart; revenue accounts have the code their invoice line names. */
export interface Account {
  account: string;
  accountKind: AccountKind;
}
export const BANK: Account = { account: '1000', accountKind: 'bank' };
export const RECEIVABLE: Account = { account: '1200', accountKind: 'receivable' };
export const TAX: Account = { account: '2200', accountKind: 'tax' };
export const UNIDENTIFIED: Account = { account: '2300', accountKind: 'unidentifiedReceipts' };

/** One side of a journal entry. `party` is the customer, `item` the invoice or payment whose open amount the line moves. */
export interface JournalLine extends Account {
  party: string | null;
  item: string | null;
  debitMinor: bigint;
  creditMinor: bigint;
  currency: string;
}

/** A journal entry as it stands in the books of one legal entity; `sequence` is the order of booking. */
export interface JournalEntry {
  sequence: number;
  entity: string;
  /** The accounting date: the period it belongs to. */
  date: string;
  /** The day that the document bears itself. */
  effectiveDate: string;
  kind: DocumentKind;
  externalId: string;
  text: string;
  lines: JournalLine[];
}

/**
 * The balanced lines of a document; kinds that move no money give none. An application and its reversal need the payment
 * they take from, because a payment of an unknown payer stands in unidentified receipts.
 */
export function journalLines(document: PostingDocument, payment: PaymentDocument | null = null): JournalLine[] {
  const lines = allLines(document, payment).filter((line) => line.debitMinor !== line.creditMinor);
  refuseUnbalanced(lines);
  return lines;
}

/** Refuses ENTRY_UNBALANCED when debits and credits differ in any currency. */
export function refuseUnbalanced(lines: readonly JournalLine[]): void {
  const differences = new Map<string, bigint>();
  for (const line of lines) {
    differences.set(line.currency, (differences.get(line.currency) ?? 0n) + line.debitMinor - line.creditMinor);
  }
  for (const [currency, minor] of differences) {
    if (minor !== 0n) throw new Refusal('ENTRY_UNBALANCED', `Debits less credits leave ${formatDecimal(minor, currency)} ${currency}.`);
  }
}

function allLines(document: PostingDocument, payment: PaymentDocument | null): JournalLine[] {
  switch (document.kind) {
    case 'customer': case 'contract': case 'contractCheck': case 'entitlement': case 'usage': return [];
    case 'invoice': return invoiceLines(document.body as InvoiceDocument, document.externalId);
    case 'creditMemo': case 'invoiceVoid': {
      const body = (document as PostingDocument<'creditMemo'>).body;
      return reversed(invoiceLines(body, body.invoiceId));
    }
    case 'payment': return paymentLines(document.body as PaymentDocument, document.externalId);
    case 'application': return applicationLines(document.body as ApplicationDocument, payment);
    case 'unapplication': return reversed(applicationLines(document.body as ApplicationDocument, payment));
    case 'revenueJournal': return revenueLines(document.body as RevenueJournalDocument);
    default: return unreachable(document.kind);
  }
}

function invoiceLines(body: InvoiceDocument, item: string): JournalLine[] {
  const { currency, customerId: party } = body;
  return [
    line(RECEIVABLE, { minor: parseMinor(body.totalMinor), currency }, { party, item }),
    ...body.lines.map((row) =>
      line(earningAccount(row), { minor: -parseMinor(row.netMinor), currency })),
    line(TAX, { minor: -sum(body.lines.map((row) => parseMinor(row.taxMinor))), currency }),
  ];
}

/** Where what is billed goes: to revenue, or to where it waits until it is earned. */
const earningAccount = ({ revenueAccount, deferredAccount }: DocumentLine): Account =>
  deferredAccount === undefined ? { account: revenueAccount, accountKind: 'revenue' } : { account: deferredAccount, accountKind: 'deferredRevenue' };

function revenueLines({ lines, currency }: RevenueJournalDocument): JournalLine[] {
  return lines.map(({ account, accountKind, debitMinor, creditMinor }) => line({ account, accountKind }, { minor: parseMinor(debitMinor) - parseMinor(creditMinor), currency }));
}

function paymentLines(body: PaymentDocument, item: string): JournalLine[] {
  const amount = { minor: parseMinor(body.amountMinor), currency: body.currency };
  return [line(BANK, amount), line(holding(body), negated(amount), { party: body.customerId, item })];
}

function applicationLines(body: ApplicationDocument, payment: PaymentDocument | null): JournalLine[] {
  if (!payment) throw new Refusal('UNKNOWN_PAYMENT', `Payment ${body.paymentId} is not in the books.`);
  const amount = { minor: parseMinor(body.amountMinor), currency: body.currency };
  return [
    line(holding(payment), amount, { party: payment.customerId, item: body.paymentId }),
    line(RECEIVABLE, negated(amount), { party: body.customerId, item: body.invoiceId }),
  ];
}

/** Where cash stands until it is applied: on the payer's account, or among unidentified receipts. */
function holding(payment: PaymentDocument): Account {
  return payment.customerId === null ? UNIDENTIFIED : RECEIVABLE;
}

/** A debit for a positive amount, a credit for a negative one. */
function line(account: Account, { minor, currency }: Amount, tag?: Pick<JournalLine, 'party' | 'item'>): JournalLine {
  return {
    ...account,
    party: tag?.party ?? null,
    item: tag?.item ?? null,
    debitMinor: minor > 0n ? minor : 0n,
    creditMinor: minor < 0n ? -minor : 0n,
    currency,
  };
}

function reversed(lines: JournalLine[]): JournalLine[] {
  return lines.map((row) => ({ ...row, debitMinor: row.creditMinor, creditMinor: row.debitMinor }));
}

function negated({ minor, currency }: Amount): Amount {
  return { minor: -minor, currency };
}

const HLEDGER_ROOTS: Record<AccountKind, string> = {
  bank: 'assets:bank',
  receivable: 'assets:receivable',
  tax: 'liabilities:tax',
  unidentifiedReceipts: 'liabilities:unidentified-receipts',
  revenue: 'income:revenue',
  deferredRevenue: 'liabilities:deferred-revenue',
};

/**
 * The entries of one tenant as an hledger journal, which a program of its own can verify: `hledger -f FILE check`. Amounts have
 * exactly their currency's digits; accounts end in legal entity, then party or revenue code; a document's own day is the secondary date.
 */
export function toHledger(entries: readonly JournalEntry[]): string {
  const currencies = new Set(entries.flatMap((entry) => entry.lines.map((row) => row.currency)));
  const directives = [...currencies].sort().map((currency) => `commodity 1000.${'0'.repeat(digitsOf(currency))} ${currency}\n`);
  return [...directives, ...entries.filter((entry) => entry.lines.length > 0).map(hledgerEntry)].join('\n');
}

function hledgerEntry(entry: JournalEntry): string {
  const postings = entry.lines.map((row) => {
    const detail = row.accountKind === 'revenue' || row.accountKind === 'deferredRevenue' ? row.account : row.party;
    const account = [HLEDGER_ROOTS[row.accountKind], accountPart(entry.entity), ...(detail ? [accountPart(detail)] : [])].join(':');
    return `    ${account}    ${formatDecimal(row.debitMinor - row.creditMinor, row.currency)} ${row.currency}\n`;
  });
  const text = entry.text.replace(/[\s;|]+/g, ' ').trim();
  const dates = entry.effectiveDate === entry.date ? entry.date : `${entry.date}=${entry.effectiveDate}`;
  return `${dates} * (${accountPart(entry.externalId)}) ${entry.kind} ${text}\n${postings.join('')}`;
}

/** A name that can't be misread as a deeper account, a comment or an amount; distinct names stay distinct. */
function accountPart(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.-]/gu, (letter) => `%${letter.codePointAt(0)!.toString(16)}.`);
}
