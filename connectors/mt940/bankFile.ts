import { formatDecimal } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import { sha256 } from '../../sync/canonical';
import { type BankFileLine, type BankFileSink, type BankFileStatement, type BankFormat, linesOf } from '../bankFile';
import { type Field, fault, fieldsOf } from './fields';
import { type Remittance, remittanceOf } from './remittance';
import { type Balance, balanceOf, type Entry, entryOf } from './values';

/** Statements in SWIFT's MT940, in the dialects of many banks. MT942 reports of the day carry no balances that tie. */
export const mt940: BankFormat = {
  name: 'MT940',
  identify: (head) => /(^|\n)\s*:20:/.test(head.toString('latin1')) || /^\s*\{1:F/.test(head.toString('latin1')),
  async read(source, sink) {
    const reader = new Reader(sink);
    for await (const field of fieldsOf(linesOf(source))) await (field ? reader.take(field) : reader.finish());
    if (reader.statements === 0) throw new Refusal('STATEMENT_MISSING', 'The file has no statement.', 'input.content');
  },
};

/** A statement being read. */
interface Open {
  statement: BankFileStatement;
  opening: Balance;
  closing: Balance | undefined;
  sumMinor: bigint;
  lines: number;
}

interface Head {
  field: Field;
  reference: string;
  account: string | undefined;
  number: string | undefined;
  interim: boolean;
}

/** A line that is complete when the next field is none of its `:86:`. */
interface Pending {
  entry: Entry;
  details: string[];
}

class Reader {
  statements = 0;
  private head: Head | undefined;
  private open: Open | undefined;
  private pending: Pending | undefined;

  constructor(private readonly sink: BankFileSink) {}

  async take(field: Field): Promise<void> {
    const { tag, lines } = field;
    if (tag === '20') this.head = { field, reference: lines[0]!.trim(), account: undefined, number: undefined, interim: false };
    if (!this.head) throw fault('FIELD_MISPLACED', field, 'It stands in no statement: a statement begins with :20:.');
    if (tag === '86') return this.detail(field);
    await this.flush();
    if (tag === '25') this.head.account = lines[0]!.trim();
    else if (tag === '28' || tag === '28C') this.head.number = lines.join('').trim();
    else if (/^(13D?|34F|90[CD])$/.test(tag)) this.head.interim = true;
    else if (/^60[FM]$/.test(tag)) await this.begin(field);
    else if (tag === '61') await this.entry(field);
    else if (/^62[FM]$/.test(tag)) this.close(field);
  }

  /** The end of a message. A message that is no statement, or has no balances, is refused. */
  async finish(): Promise<void> {
    if (!this.head) return;
    const { field, interim } = this.head;
    await this.flush();
    this.head = undefined;
    if (!this.open) {
      if (interim) throw fault('FORMAT_UNSUPPORTED', field, 'This is an MT942 report of a day; only MT940 statements carry balances that tie.');
      throw fault('BALANCE_MISSING', field, 'The statement has no opening balance (:60F: or :60M:).');
    }
    const { statement, opening, closing, sumMinor, lines } = this.open;
    this.open = undefined;
    if (!closing) throw fault('BALANCE_MISSING', field, 'The statement has no closing balance (:62F: or :62M:).');
    if (opening.minor + sumMinor !== closing.minor) {
      const [from, through, to] = [opening.minor, sumMinor, closing.minor].map((minor) => formatDecimal(minor, opening.currency));
      throw fault('BALANCE_MISMATCH', field, `Opening ${from} and lines of ${through} do not come to closing ${to} ${opening.currency}.`);
    }
    await this.sink.end?.({ lines, currency: opening.currency, openingMinor: opening.minor, closingMinor: closing.minor, closingDate: closing.day }, statement);
  }

  private async begin(field: Field): Promise<void> {
    const { account, number, reference } = this.head!;
    if (this.open) throw fault('FIELD_MISPLACED', field, 'A statement has one opening balance.');
    if (account === undefined) throw fault('ACCOUNT_MISSING', field, 'The statement says no account (:25:).');
    const statement = { index: ++this.statements, account: accountOf(account), number: number ?? reference, where: `Statement ${this.statements}, :25: (line ${this.head!.field.at})` };
    this.open = { statement, opening: balanceOf(field), closing: undefined, sumMinor: 0n, lines: 0 };
    await this.sink.statement?.(statement);
  }

  private async entry(field: Field): Promise<void> {
    if (this.head!.interim && !this.open) return; // refused at its end, as what it is
    if (!this.open || this.open.closing) throw fault('FIELD_MISPLACED', field, 'A line stands between opening and closing balance.');
    const entry = entryOf(field, this.open.opening.currency);
    this.open.sumMinor += entry.minor;
    this.open.lines++;
    this.pending = { entry, details: [] };
  }

  private detail({ lines }: Field): void {
    this.pending?.details.push(...lines);
  }

  private close(field: Field): void {
    if (!this.open) throw fault('BALANCE_MISSING', field, 'The statement has no opening balance (:60F: or :60M:).');
    const closing = balanceOf(field);
    if (closing.currency !== this.open.opening.currency) throw fault('CURRENCY_MISMATCH', field, `It is in ${closing.currency}, the opening balance in ${this.open.opening.currency}.`);
    this.open.closing = closing;
  }

  private async flush(): Promise<void> {
    const { pending, open } = this;
    if (!pending || !open) return;
    this.pending = undefined;
    await this.sink.line?.(lineOf(open, pending), open.statement);
  }
}

/** Banks write the account alone, behind their own code, or with its currency: `20041010/123456EUR`. */
const accountOf = (text: string): string => text.replace(/\s+/g, '').replace(/^([A-Z]{2}\d{2}[0-9A-Z]{8,30}?)([A-Z]{3})$/, '$1');

function lineOf({ statement, opening, lines }: Open, { entry, details }: Pending): BankFileLine {
  const { bookingDate, valueDate, mark, minor, type, customerReference, bankReference, supplementary } = entry;
  const said = remittanceOf(details);
  const amount = [minor.toString(), opening.currency, mark];
  const references = [customerReference, bankReference];
  return {
    key: JSON.stringify([statement.account, statement.number, opening.day, lines, ...references, ...amount]),
    content: sha256(JSON.stringify([statement.account, bookingDate, valueDate, ...amount, type, ...references, flat([supplementary]), flat(details)])),
    bookingDate,
    currency: opening.currency,
    amountMinor: minor,
    payerName: said.payerName ?? null,
    payerAccount: said.iban ?? null,
    evidence: evidenceOf(said, references, supplementary),
  };
}

const flat = (texts: readonly string[]): string => texts.join(' ').normalize('NFC').replace(/\s+/g, ' ').trim();

function evidenceOf({ creditorReferences, references, text }: Remittance, own: readonly (string | undefined)[], supplementary: string): BankFileLine['evidence'] {
  const named = [...references, ...own].filter((one): one is string => one !== undefined);
  return { creditorReferences, references: [...new Set(named)], text: [...text, ...(supplementary ? [supplementary] : [])] };
}
