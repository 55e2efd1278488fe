import { digitsOf } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import { sha256 } from '../../sync/canonical';
import { type BankFileLine, type BankFileSink, type BankFileStatement, type BankFormat, linesOf } from '../bankFile';
import { amountOf, type BaiRecord, type Detail, detailOf, fault, recordsOf, summariesOf } from './records';

/** Balance reports in BAI2. Their control totals and counts must tie; their balances need not be those that the listed transactions lead to. */
export const bai2: BankFormat = {
  name: 'BAI2',
  identify: (head) => /^\s*01,[^,\n]*,[^,\n]*,\d{6},/.test(head.toString('latin1')),
  async read(source, sink) {
    const reader = new Reader(sink);
    for await (const record of recordsOf(linesOf(source))) await reader.take(record);
    reader.done();
  },
};

/** What a trailer counts and sums: a part of the file, and what it is made of. */
class Control {
  total = 0n;
  records = 0;
  parts = 0;
}

interface Account {
  statement: BankFileStatement;
  currency: string;
  openingMinor: bigint;
  closingMinor: bigint;
  lines: number;
}

const OPENING_LEDGER = '010';
const CLOSING_LEDGER = '015';
/** Interim reports: their transactions come again in the final one. */
const INTERIM = new Set(['1', '3']);

class Reader {
  private statements = 0;
  private header: BaiRecord | undefined;
  private group: { record: BaiRecord; day: string } | undefined;
  private account: Account | undefined;
  private ended = false;
  private readonly control = { file: new Control(), group: new Control(), account: new Control() };

  constructor(private readonly sink: BankFileSink) {}

  async take(record: BaiRecord): Promise<void> {
    if (this.ended) throw fault('RECORD_MISPLACED', record, 'The file has ended already.');
    switch (record.code) {
      case '01': return this.begin(record);
      case '02': return this.beginGroup(record);
      case '03': return this.beginAccount(record);
      case '16': return this.detail(record);
      case '49': return this.endAccount(record);
      case '98': return this.endGroup(record);
      case '99': return this.end(record);
    }
  }

  /** Refuses a file that is cut off. */
  done(): void {
    if (!this.ended) throw new Refusal('RECORD_MISSING', 'The file has no trailer (99): it is cut off, or no BAI2.', 'input.content');
  }

  private begin(record: BaiRecord): void {
    if (this.header) throw fault('RECORD_MISPLACED', record, 'A file has one header.');
    this.header = record;
    this.control.file.records += record.lines;
  }

  private beginGroup(record: BaiRecord): void {
    if (!this.header || this.group) throw fault('RECORD_MISPLACED', record, 'A group begins in a file and in no other group.');
    const [, , status = '', day = '', , , modifier = ''] = record.fields;
    if (status !== '1') throw fault('FORMAT_UNSUPPORTED', record, `Its status is ${status || 'not said'}: only updates (1) are taken in, no deletions, corrections or tests.`);
    if (INTERIM.has(modifier.trim())) throw fault('FORMAT_UNSUPPORTED', record, 'It is an interim report; its transactions come again in the final one.');
    this.group = { record, day: dayOf(day, record) };
    this.control.group = new Control();
    this.control.group.records += record.lines;
  }

  private async beginAccount(record: BaiRecord): Promise<void> {
    if (!this.group || this.account) throw fault('RECORD_MISPLACED', record, 'An account begins in a group and in no other account.');
    const [number = '', own = ''] = record.fields;
    const currency = own.trim() || this.group.record.fields[5]?.trim() || 'USD';
    digitsOf(currency, 'input.content');
    const [, , created = '', time = '', fileId = ''] = this.header!.fields;
    const statement = { index: ++this.statements, account: number, number: `${created}${time}/${fileId}`, where: `Record 03 (line ${record.at})` };
    const summaries = summariesOf(record);
    const of = (type: string) => summaries.find((one) => one.type === type)?.amount ?? 0n;
    this.account = { statement, currency, openingMinor: of(OPENING_LEDGER), closingMinor: of(CLOSING_LEDGER), lines: 0 };
    this.control.account = new Control();
    this.count(record, summaries.reduce((sum, { amount }) => sum + amount, 0n));
    await this.sink.statement?.(statement);
  }

  private async detail(record: BaiRecord): Promise<void> {
    if (!this.account) throw fault('RECORD_MISPLACED', record, 'A transaction stands in an account.');
    const detail = detailOf(record);
    this.count(record, detail.amount);
    const sign = signOf(detail.type);
    if (sign === 0n) return; // says something, and moves nothing
    await this.sink.line?.(this.lineOf(detail, detail.amount * sign), this.account.statement);
    this.account.lines++;
  }

  private count({ lines }: BaiRecord, amount: bigint): void {
    this.control.account.records += lines;
    this.control.account.total += amount;
  }

  private async endAccount(record: BaiRecord): Promise<void> {
    if (!this.account || !this.group) throw fault('RECORD_MISPLACED', record, 'It ends no account.');
    const { account, group } = this.control;
    account.records += record.lines;
    tie(record, { ...account, countAt: 1 });
    group.total += account.total;
    group.records += account.records;
    group.parts++;
    const { statement, lines, currency, openingMinor, closingMinor } = this.account;
    await this.sink.end?.({ lines, currency, openingMinor, closingMinor, closingDate: this.group.day }, statement);
    this.account = undefined;
  }

  private endGroup(record: BaiRecord): void {
    if (!this.group || this.account) throw fault('RECORD_MISPLACED', record, 'It ends no group, or one with an open account.');
    const { group, file } = this.control;
    group.records += record.lines;
    tie(record, { ...group, countAt: 2, partsName: 'accounts' });
    file.total += group.total;
    file.records += group.records;
    file.parts++;
    this.group = undefined;
  }

  private end(record: BaiRecord): void {
    if (!this.header || this.group) throw fault('RECORD_MISPLACED', record, 'It ends no file, or one with an open group.');
    this.control.file.records += record.lines;
    tie(record, { ...this.control.file, countAt: 2, partsName: 'groups' });
    this.ended = true;
  }

  private lineOf({ type, bankReference, customerReference, text }: Detail, minor: bigint): BankFileLine {
    const { statement, currency, lines } = this.account!;
    const { day } = this.group!;
    const said = [type, minor.toString(), currency, bankReference, customerReference, text.replace(/\s+/g, ' ')];
    const references = [customerReference, bankReference].filter((one): one is string => one !== undefined);
    return {
      key: JSON.stringify([statement.account, statement.number, day, lines, ...said.slice(0, 5)]),
      content: sha256(JSON.stringify([statement.account, day, ...said])),
      bookingDate: day,
      currency,
      amountMinor: minor,
      payerName: null,
      payerAccount: null,
      evidence: { creditorReferences: [], references, text: text === '' ? [] : [text] },
    };
  }
}

/** Refuses CONTROL_TOTAL_MISMATCH: what a trailer says is not what stands before it. */
function tie(record: BaiRecord, { total, records, parts, countAt, partsName }: Control & { countAt: number; partsName?: string }): void {
  const said = amountOf(record.fields[0], record);
  if (said !== total) throw fault('CONTROL_TOTAL_MISMATCH', record, `It says ${said}, the amounts before it come to ${total}.`);
  if (partsName && Number(record.fields[1]) !== parts) throw fault('CONTROL_TOTAL_MISMATCH', record, `It says ${record.fields[1]} ${partsName}, and there are ${parts}.`);
  const lines = Number(record.fields[countAt]);
  if (lines !== records) throw fault('CONTROL_TOTAL_MISMATCH', record, `It says ${record.fields[countAt]} records, and there are ${records}.`);
}

/** Types from 100 to 399 are credits, from 400 to 699 debits; the others are no money. */
function signOf(type: string): bigint {
  const code = Number(type);
  return code >= 100 && code <= 399 ? 1n : code >= 400 && code <= 699 ? -1n : 0n;
}

/** `150715` as a day. Refuses DATE_MALFORMED. */
function dayOf(text: string, record: BaiRecord): string {
  const plain = text.trim();
  const day = `20${plain.slice(0, 2)}-${plain.slice(2, 4)}-${plain.slice(4, 6)}`;
  if (!/^\d{6}$/.test(plain) || Number.isNaN(Date.parse(day))) throw fault('DATE_MALFORMED', record, `${JSON.stringify(plain)} is no day.`);
  return day;
}
