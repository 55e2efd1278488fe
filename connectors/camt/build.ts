import { digitsOf, parseDecimal, type Amount } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import { bookedBalances, checkBalances, currencyFault, priceDetails, signed } from './check';
import { BalanceDraft, ChargeDraft, DetailDraft, EntryDraft, StatementDraft, type MessageDraft, type Position } from './draft';
import type { Part } from './grammar';
import { isDate, isDateTime } from './dates';
import * as camt from './types';
import { Walker, type Walked } from './walk';

/** What is handed on, in the order of the file. */
export type CamtEvent =
  | { readonly type: 'message'; readonly message: camt.CamtMessage }
  | { readonly type: 'statement'; readonly statement: camt.CamtStatement }
  | { readonly type: 'entry'; readonly entry: camt.CamtEntry; readonly statement: camt.CamtStatement }
  | { readonly type: 'end'; readonly end: camt.CamtStatementEnd; readonly statement: camt.CamtStatement };

const DIRECTIONS: Readonly<Record<string, camt.Direction>> = { CRDT: 'CREDIT', DBIT: 'DEBIT' };
const FLAGS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
const STATUSES: readonly string[] = ['BOOK', 'PDNG', 'INFO', 'FUTR'] satisfies camt.EntryStatus[];

/** The running figures of one statement. */
class Totals {
  entries = 0;
  bookedEntries = 0;
  otherCurrencyEntries = 0;
  details = 0;
  creditMinor = 0n;
  debitMinor = 0n;
}

/** Builds statements and entries from the walk, checks each as it ends, and queues it. */
export class Builder implements Walked {
  readonly events: CamtEvent[] = [];
  readonly walker: Walker;
  message: MessageDraft = { format: 'camt.053', version: '', kind: 'statement' };
  statement!: StatementDraft;
  balance!: BalanceDraft;
  entry!: EntryDraft;
  detail: DetailDraft | undefined;
  charge = new ChargeDraft();
  chargesTotal: Amount | undefined;
  statements = 0;
  private identified = false;
  private headSent = false;
  private totals = new Totals();
  private balancePositions: Position[] = [];
  private goodDate = '';

  constructor(private readonly limits: camt.CamtLimits) {
    this.walker = new Walker(this, limits);
  }

  get owner(): DetailDraft | EntryDraft {
    return this.detail ?? this.entry;
  }

  begin({ format, version }: camt.CamtIdentity): void {
    this.identified = true;
    this.message = { format, version, kind: camt.CAMT_KIND[format] };
  }

  /** To be called after the last text: a file without a message is refused. */
  finish(): void {
    this.walker.end();
    if (!this.identified) throw new Refusal('FORMAT_UNKNOWN', 'The file has no Document of camt.052, camt.053 or camt.054.');
    if (this.statements === 0) throw new Refusal('ELEMENT_MISSING', `Document: a ${this.message.kind} is missing.`, 'Document');
  }

  amount(text: string): Amount {
    const currency = this.walker.attributes['Ccy'];
    if (currency === undefined) throw this.walker.refusal('ELEMENT_MISSING', 'the currency is missing', { name: '@Ccy' });
    if (text.startsWith('-') || text.startsWith('+')) {
      throw this.walker.refusal('AMOUNT_MALFORMED', `${JSON.stringify(text)} has a sign, which CdtDbtInd should carry`);
    }
    try {
      return { minor: parseDecimal(text.startsWith('.') ? `0${text}` : text, currency), currency };
    } catch (error) {
      throw this.located(error);
    }
  }

  currency(text: string): string {
    try {
      digitsOf(text);
      return text;
    } catch (error) {
      throw this.located(error);
    }
  }

  date(text: string): string {
    if (text !== this.goodDate && !isDate(text)) throw this.malformedDate(text, 'YYYY-MM-DD');
    this.goodDate = text;
    return text.slice(0, 10);
  }

  dateTime(text: string): string {
    if (!isDateTime(text)) throw this.malformedDate(text, 'YYYY-MM-DDThh:mm:ss');
    return text;
  }

  private malformedDate(text: string, form: string): Refusal {
    return this.walker.refusal('DATE_MALFORMED', `${JSON.stringify(text)} is no date of the form ${form}`);
  }

  direction(text: string): camt.Direction {
    return this.oneOf(DIRECTIONS, text);
  }

  flag(text: string): boolean {
    return this.oneOf(FLAGS, text);
  }

  position(): Position {
    return this.walker.position();
  }

  private oneOf<T>(words: Readonly<Record<string, T>>, text: string): T {
    if (Object.hasOwn(words, text)) return words[text]!;
    throw this.walker.refusal('ELEMENT_MALFORMED', `${JSON.stringify(text)} is none of ${Object.keys(words).join(', ')}`);
  }

  /** Gives a refusal of money the element's place. */
  private located(error: unknown): unknown {
    return error instanceof Refusal ? this.walker.refusal(error.code, error.message) : error;
  }

  open(part: Part): void {
    switch (part) {
      case 'message': return;
      case 'statement': return this.openStatement();
      case 'balance': this.balance = new BalanceDraft(); return;
      case 'entry': return this.openEntry();
      case 'detail': this.detail = new DetailDraft(); return;
      case 'charges': case 'charge': this.charge = new ChargeDraft(); return;
    }
  }

  close(part: Part): void {
    switch (part) {
      case 'message': return;
      case 'statement': return this.closeStatement();
      case 'balance': return this.closeBalance();
      case 'entry': return this.closeEntry();
      case 'detail': return this.closeDetail();
      case 'charges': return this.closeCharges();
      case 'charge': return this.closeCharge();
    }
  }

  private missing(name: string, up = 0): Refusal {
    return this.walker.refusal('ELEMENT_MISSING', 'the element is missing', { name, up });
  }

  private openStatement(): void {
    if (this.statements === 0) this.events.push({ type: 'message', message: this.message });
    this.statement = new StatementDraft(this.message.kind, ++this.statements);
    this.totals = new Totals();
    this.balancePositions = [];
    this.headSent = false;
  }

  private closeBalance(): void {
    const { code, subType, stated, direction, date, position } = this.balance;
    if (code === undefined) throw this.missing('Tp');
    if (stated === undefined) throw this.missing('Amt');
    if (direction === undefined) throw this.missing('CdtDbtInd');
    this.statement.balances.push({ code, subType, amount: signed(stated, direction), date });
    this.balancePositions.push(position!);
  }

  /** The head is complete with the first entry, at the latest with the end of the statement. */
  private sendHead(up = 0): void {
    if (this.headSent) return;
    const { statement } = this;
    const { account, balances } = statement;
    if (statement.id === '') throw this.missing('Id', up);
    if (account.iban === undefined && account.other === undefined) throw this.missing('Acct/Id', up);
    const { opening, closing } = bookedBalances(balances);
    statement.currency = account.currency ?? (opening === undefined ? undefined : balances[opening]!.amount.currency);
    const day = closing === undefined ? undefined : balances[closing]!.date;
    statement.date = day ?? (statement.to ?? statement.createdAt ?? this.message.createdAt)?.slice(0, 10);
    this.headSent = true;
    this.events.push({ type: 'statement', statement });
  }

  private openEntry(): void {
    this.sendHead(1);
    this.entry = new EntryDraft(++this.totals.entries, this.walker.position().line);
    this.detail = undefined;
  }

  private closeDetail(): void {
    if (this.entry.transactions.length >= this.limits.detailsPerEntryMax) {
      throw this.walker.refusal('ENTRY_TOO_LARGE', `the entry has more than ${this.limits.detailsPerEntryMax} transactions`);
    }
    this.entry.transactions.push(this.detail!);
    this.detail = undefined;
  }

  private closeCharge(): void {
    const { stated, direction, included, type } = this.charge;
    if (stated !== undefined) this.owner.charges.push({ amount: signed(stated, direction ?? 'DEBIT'), included, type });
    this.charge = new ChargeDraft();
  }

  private closeCharges(): void {
    this.closeCharge();
    if (this.chargesTotal && this.owner.charges.length === 0) {
      this.owner.charges.push({ amount: signed(this.chargesTotal, 'DEBIT') });
    }
    this.chargesTotal = undefined;
  }

  private closeEntry(): void {
    const { own, direction, status } = this.entry;
    if (own === undefined) throw this.missing('Amt');
    if (direction === undefined) throw this.missing('CdtDbtInd');
    if (status === undefined) throw this.missing('Sts');
    if (!STATUSES.includes(status)) {
      throw this.walker.refusal('ELEMENT_MALFORMED', `${JSON.stringify(status)} is none of ${STATUSES.join(', ')}`, { name: 'Sts' });
    }
    const entry = this.finished(signed(own, direction), direction);
    if (entry.booked) this.count(entry);
    this.totals.details += entry.details.length;
    this.events.push({ type: 'entry', entry, statement: this.statement });
  }

  /** The entry with its lines priced. */
  private finished(amount: Amount, direction: camt.Direction): camt.CamtEntry {
    const { transactions } = this.entry;
    const pricing = priceDetails({ amount, direction, charges: this.entry.charges }, transactions);
    if ('code' in pricing) throw this.walker.refusal(pricing.code, pricing.text);
    const { minors, chargesNettedMinor } = pricing;
    const lines = minors !== undefined && transactions.length > 0 ? transactions : [wholeOf(transactions)];
    lines.forEach((line, i) => {
      line.index = i + 1;
      line.amount = { minor: minors?.[i] ?? amount.minor, currency: amount.currency };
      line.direction = line.amount.minor === 0n ? (line.ownDirection ?? direction) : line.amount.minor > 0n ? 'CREDIT' : 'DEBIT';
    });
    return this.entry.finish({
      amount,
      direction,
      details: lines,
      chargesNettedMinor,
      detailAmountsMissing: minors === undefined,
      unpriced: minors === undefined ? transactions : [],
    });
  }

  private count({ amount, amount: { minor, currency } }: camt.CamtEntry): void {
    this.totals.bookedEntries++;
    this.statement.currency ??= this.statement.kind === 'statement' ? undefined : currency;
    if (this.statement.currency !== undefined && amount.currency !== this.statement.currency) {
      if (this.statement.kind === 'statement') {
        const { code, text } = currencyFault(currency, this.statement.currency);
        throw this.walker.refusal(code, text, { name: 'Amt', position: this.entry.amountPosition });
      }
      this.totals.otherCurrencyEntries++;
    } else if (minor < 0n) this.totals.debitMinor -= minor;
    else this.totals.creditMinor += minor;
  }

  private closeStatement(): void {
    this.sendHead();
    const { statement, totals } = this;
    const { creditMinor, debitMinor } = totals;
    const fault = checkBalances({ balances: statement.balances, currency: statement.currency, creditMinor, debitMinor });
    if (fault && statement.kind === 'statement') {
      const at = fault.balance;
      const child = at === undefined ? undefined : { name: `Bal[${at + 1}]/Amt`, position: this.balancePositions[at] };
      throw this.walker.refusal(fault.code, fault.text, child);
    }
    const { opening, closing } = bookedBalances(statement.balances);
    const end: camt.CamtStatementEnd = {
      ...totals,
      currency: statement.currency,
      opening: opening === undefined ? undefined : statement.balances[opening],
      closing: closing === undefined ? undefined : statement.balances[closing],
      ties: fault === undefined && totals.otherCurrencyEntries === 0,
    };
    this.events.push({ type: 'end', end, statement });
  }
}

/** One line for an entry whose transactions are absent or without amounts: what they say of the remittance is kept as evidence. */
function wholeOf(transactions: readonly DetailDraft[]): DetailDraft {
  const whole = new DetailDraft();
  for (const { remittance } of transactions) {
    whole.remittance.unstructured.push(...remittance.unstructured);
    whole.remittance.creditorReferences.push(...remittance.creditorReferences);
    whole.remittance.documentNumbers.push(...remittance.documentNumbers);
  }
  return whole;
}
