/** What the fake Tryton does beyond keeping records: it computes and posts invoices, posts moves, reconciles. */
import type { Clock } from '../../sync/clock';
import { amount, FakeRecords, FakeUserError, monthsOf, plain, scaled } from './fakeRecords';
import { date, decimal, decimalText, isoDate, type Id, type Row, type Values } from './values';

/** "Are you sure?"; a warning record of this key says yes. */
export class FakeUserWarning extends Error {
  constructor(readonly key: string, message: string) {
    super(message);
  }
}

const ONE = scaled('1');
const LINE = 'account.move.line';
const INVOICE = 'account.invoice';
const POSTED_INVOICE_FIELDS = new Set(['payment_lines']);

export class FakeBooks {
  readonly records = new FakeRecords();
  private postNumber = 0;

  constructor(private readonly clock: Clock) {
    this.records.computed = (model, row, field) => this.computed(model, row, field);
    for (const name of ['Account Move', 'Invoice', 'Account Journal']) this.records.add('ir.sequence.type', { name });
    const [journals] = this.records.search('ir.sequence.type', [['name', '=', 'Account Journal']]);
    this.records.add('ir.sequence', { name: 'Account Journal', sequence_type: journals!.id, company: null });
    for (const [code, type] of [['REV', 'revenue'], ['EXP', 'expense'], ['CASH', 'cash']]) this.records.add('account.journal', { name: code, code, type });
  }

  create(model: string, values: Values): Id {
    if (model === 'party.party') this.refuseTwin(values);
    const draft = model === 'account.move' || model === INVOICE ? { state: 'draft' } : {};
    const addresses = model === 'party.party' && !values.addresses ? { addresses: [['create', [{}]]] } : {};
    return this.records.add(model, { ...draft, ...addresses, ...values }).id;
  }

  write(model: string, ids: Id[], values: Values): void {
    for (const id of ids) {
      const row = this.records.get(model, id);
      if (model === 'account.move' && row.state === 'posted') throw new FakeUserError(`Move ${id} is posted and cannot be modified.`);
      const frozen = model === INVOICE && row.state !== 'draft' && Object.keys(values).some((field) => !POSTED_INVOICE_FIELDS.has(field));
      if (frozen) throw new FakeUserError(`Invoice ${id} is posted and cannot be modified.`);
      this.records.change(model, id, values);
      if (model === INVOICE && row.state === 'draft') this.computeTaxes(row);
    }
  }

  remove(model: string, ids: Id[]): void {
    for (const id of ids) {
      const row = this.records.get(model, id);
      if (row.state === 'posted' || row.state === 'paid' || row.number) throw new FakeUserError(`${model} ${id} has a number or is posted, and cannot be deleted.`);
      this.records.remove(model, id);
    }
  }

  /** Makes the monthly periods of a fiscal year. */
  createPeriods(year: Row): void {
    for (const month of monthsOf(Number(isoDate(year.start_date).slice(0, 4)))) {
      this.records.add('account.period', { ...month, fiscalyear: year.id, company: year.company, type: 'standard', state: 'open' });
    }
  }

  postMove(move: Row): void {
    if (move.state === 'posted') throw new FakeUserError(`Move ${move.id} is posted and cannot be modified.`);
    const lines = this.linesOf(move);
    if (lines.length === 0) throw new FakeUserError('A move without lines cannot be posted.');
    const balance = lines.reduce((total, line) => total + netOf(line), 0n);
    if (balance !== 0n) throw new FakeUserError('The move must balance all its lines to be posted.');
    this.periodOf(move.company as Id, isoDate(move.date));
    this.records.change('account.move', move.id, { state: 'posted', post_number: String(++this.postNumber) });
  }

  postInvoice(invoice: Row): void {
    if (invoice.state !== 'draft') return;
    const day = isoDate(invoice.accounting_date ?? invoice.invoice_date);
    this.askAboutDueDate(invoice);
    const period = this.periodOf(invoice.company as Id, day);
    const { account, party, company } = invoice;
    const own = this.records.search('account.invoice.line', [['invoice', '=', invoice.id]]);
    const taxes = this.records.search('account.invoice.tax', [['invoice', '=', invoice.id]]);
    const credits = [...own.map((line) => [line.account, this.lineAmount(invoice, line)]), ...taxes.map((tax) => [tax.account, plain(tax.amount)])] as [Id, bigint][];
    const total = credits.reduce((sum, [, units]) => sum + units, 0n);
    const rows = [{ account, party, ...this.sides(invoice, total) }, ...credits.map(([revenue, units]) => ({ account: revenue, party: null, ...this.sides(invoice, -units) }))];
    const move = this.records.add('account.move', {
      company, period, date: date(day), journal: invoice.journal, state: 'draft', description: null, origin: `${INVOICE},${invoice.id}`, lines: [['create', rows]],
    });
    this.postMove(move);
    this.records.change(INVOICE, invoice.id, { state: 'posted', move: move.id });
  }

  /** Closes lines of one account and party against each other. False when they do not balance, which takes a person. */
  reconcile(ids: Id[]): boolean {
    const lines = ids.map((id) => this.records.get(LINE, id));
    if (lines.some((line) => line.reconciliation)) throw new FakeUserError('A line is reconciled already.');
    if (new Set(lines.map((line) => `${String(line.account)} ${String(line.party)}`)).size > 1) throw new FakeUserError('Lines of several accounts or parties cannot be reconciled.');
    if (lines.reduce((total, line) => total + netOf(line), 0n) !== 0n) return false;
    const { id } = this.records.add('account.move.reconciliation', {});
    for (const line of lines) line.reconciliation = id;
    this.settleInvoices();
    return true;
  }

  unreconcile(ids: Id[]): void {
    const gone = new Set(ids.map((id) => this.records.get(LINE, id).reconciliation));
    for (const line of this.records.all(LINE)) if (line.reconciliation && gone.has(line.reconciliation)) line.reconciliation = null;
    this.settleInvoices();
  }

  private settleInvoices(): void {
    for (const invoice of this.records.all(INVOICE)) {
      if (invoice.state !== 'posted' && invoice.state !== 'paid') continue;
      this.records.change(INVOICE, invoice.id, { state: this.toPay(invoice).every((line) => line.reconciliation) ? 'paid' : 'posted' });
    }
  }

  private refuseTwin({ code }: Values): void {
    if (this.records.search('party.party', [['code', '=', code]]).length > 0) throw new FakeUserError('The code of a party must be unique.');
  }

  private periodOf(company: Id, day: string): Id {
    const at = date(day);
    const [period] = this.records.search('account.period', [
      ['company', '=', company], ['type', '=', 'standard'], ['state', '=', 'open'], ['start_date', '<=', at], ['end_date', '>=', at],
    ]);
    if (!period) throw new FakeUserError(`There is no open period for ${day}.`);
    return period.id;
  }

  private askAboutDueDate(invoice: Row): void {
    const today = new Date(this.clock.nowMs()).toISOString().slice(0, 10);
    if (!invoice.payment_term_date || isoDate(invoice.payment_term_date) >= today) return;
    const key = `${invoice.id}.invoice_payment_term_date`;
    const [yes] = this.records.search('res.user.warning', [['name', '=', key]]);
    if (!yes) throw new FakeUserWarning(key, `The due date of invoice ${invoice.id} is in the past.`);
    this.records.remove('res.user.warning', yes.id);
  }

  private computed(model: string, row: Row, field: string): unknown {
    if (model === LINE && field === 'invoice_payment') {
      return this.records.all(INVOICE).find(({ payment_lines: lines }) => (lines as Id[] | undefined)?.includes(row.id))?.id ?? null;
    }
    if (model !== INVOICE) return undefined;
    if (field === 'lines_to_pay') return this.toPay(row).map(({ id }) => id);
    const sum = { untaxed_amount: () => this.net(row), tax_amount: () => this.tax(row), total_amount: () => this.net(row) + this.tax(row), amount_to_pay: () => this.left(row) }[field];
    return sum && amount(sum(), this.digits(row));
  }

  private net(invoice: Row): bigint {
    return this.records.search('account.invoice.line', [['invoice', '=', invoice.id]]).reduce((total, line) => total + this.lineAmount(invoice, line), 0n);
  }

  private tax(invoice: Row): bigint {
    return this.records.search('account.invoice.tax', [['invoice', '=', invoice.id]]).reduce((total, row) => total + (plain(row.amount) as bigint), 0n);
  }

  private left(invoice: Row): bigint {
    const paid = ((invoice.payment_lines as Id[] | undefined) ?? []).map((id) => this.records.get(LINE, id));
    return [...this.toPay(invoice), ...paid].filter((line) => !line.reconciliation).reduce((total, line) => total + netOf(line), 0n);
  }

  private toPay(invoice: Row): Row[] {
    return invoice.move ? this.records.search(LINE, [['move', '=', invoice.move], ['account', '=', invoice.account]]) : [];
  }

  private linesOf(move: Row): Row[] {
    return this.records.search(LINE, [['move', '=', move.id]]);
  }

  /** Quantity × unit price, a half to the even unit. */
  private lineAmount(invoice: Row, line: Row): bigint {
    return halfEven((scaled(String(line.quantity)) * scaled(decimalText(line.unit_price))) / ONE, this.digits(invoice));
  }

  /** Tax is rounded line by line, as the set-up asks. */
  private computeTaxes(invoice: Row): void {
    if (this.records.search('account.invoice.tax', [['invoice', '=', invoice.id]]).length > 0) return;
    const sums = new Map<Id, bigint>();
    for (const line of this.records.search('account.invoice.line', [['invoice', '=', invoice.id]])) {
      for (const tax of line.taxes as Id[]) {
        const rate = scaled(decimalText(this.records.get('account.tax', tax).rate));
        sums.set(tax, (sums.get(tax) ?? 0n) + halfEven((this.lineAmount(invoice, line) * rate) / ONE, this.digits(invoice)));
      }
    }
    for (const [tax, units] of sums) {
      const { invoice_account: account } = this.records.get('account.tax', tax);
      this.records.add('account.invoice.tax', { invoice: invoice.id, tax, account, amount: amount(units, this.digits(invoice)) });
    }
  }

  private digits(invoice: Row): number {
    return this.records.get('currency.currency', invoice.currency).digits as number;
  }

  /** A debit for a positive amount, a credit for a negative one. */
  private sides(invoice: Row, units: bigint): Values {
    const nothing = decimal('0');
    return { debit: units > 0n ? amount(units, this.digits(invoice)) : nothing, credit: units < 0n ? amount(-units, this.digits(invoice)) : nothing };
  }
}

const netOf = (line: Row) => (plain(line.debit) as bigint) - (plain(line.credit) as bigint);

function halfEven(units: bigint, digits: number): bigint {
  const step = 10n ** BigInt(8 - digits);
  const [whole, rest] = [units / step, units % step];
  const doubled = (rest < 0n ? -rest : rest) * 2n;
  const up = doubled > step || (doubled === step && whole % 2n !== 0n);
  return (whole + (up ? (units < 0n ? -1n : 1n) : 0n)) * step;
}
