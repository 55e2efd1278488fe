import { companyCode, findCompany, percentKey, rateOf, readBooks } from './books';
import { ACCOUNT_KINDS, type Books } from './books';
import type { TrytonCalls } from './client';
import { ErpRejection, TrytonFault } from './faults';
import { type Id, type Values, date, decimal } from './values';

export interface CompanySetup {
  /** The legal entity's code; the company's party gets the code `LE-<code>`. */
  code: string;
  name?: string;
  currency: string;
  years?: readonly number[];
  /** Revenue accounts to have, by code, with their names. */
  revenueAccounts?: Readonly<Record<string, string>>;
}

export const SETUP_YEARS: readonly number[] = [2025, 2026, 2027];
export const SETUP_TAX_PERCENTS: readonly string[] = ['20', '19', '10', '0'];
export const SETUP_REVENUE_ACCOUNTS: Readonly<Record<string, string>> = {
  '4000': 'Revenue',
  '4010': 'Subscription revenue',
  '4020': 'Usage revenue',
  '4030': 'Services revenue',
  '4100': 'One-time revenue',
};

const CURRENCIES: readonly [code: string, name: string, numeric: string, digits: number][] = [
  ['EUR', 'Euro', '978', 2], ['USD', 'US dollar', '840', 2], ['GBP', 'Pound sterling', '826', 2],
  ['CHF', 'Swiss franc', '756', 2], ['JPY', 'Yen', '392', 0],
  ['KWD', 'Kuwaiti dinar', '414', 3], ['BHD', 'Bahraini dinar', '048', 3], ['OMR', 'Rial Omani', '512', 3],
];
const TYPES: Readonly<Record<keyof typeof ACCOUNT_KINDS, Values>> = {
  bank: { statement: 'balance', assets: true },
  receivable: { statement: 'balance', assets: true, receivable: true },
  payable: { statement: 'balance', payable: true },
  tax: { statement: 'balance' },
  unidentified: { statement: 'balance' },
  revenue: { statement: 'income', revenue: true },
  deferred: { statement: 'balance' },
  expense: { statement: 'income', expense: true },
};
type Wanted = readonly [code: string, name: string, kind: keyof typeof ACCOUNT_KINDS, more?: Values];
const ACCOUNTS: readonly Wanted[] = [
  ['1000', 'Bank', 'bank'],
  ['1100', 'Accounts receivable', 'receivable', { party_required: true, reconcile: true }],
  ['2100', 'Accounts payable', 'payable', { party_required: true, reconcile: true }],
  ['2200', 'Tax payable', 'tax'],
  ['6000', 'Expense', 'expense'],
];
/** Made after everything else: `readBooks` finds no books without it, so a set-up cut short is taken up again. */
const LAST_ACCOUNT: Wanted = ['2300', 'Unidentified receipts', 'unidentified', { reconcile: true }];

/**
 * Makes a company ready to be posted to: currency, company, chart of accounts, fiscal years with periods and sequences,
 * journals and taxes. What is there already is kept, so it may run again after a crash. One run at a time.
 */
export async function prepareCompany(calls: TrytonCalls, setup: CompanySetup): Promise<Books> {
  const currencies = await prepareCurrencies(calls, setup.currency);
  const company = await prepareEntity(calls, setup, currencies.get(setup.currency)!);
  const scoped = calls.of(company);
  const revenue = Object.entries(setup.revenueAccounts ?? SETUP_REVENUE_ACCOUNTS);
  const accounts = await prepareAccounts(scoped, [...ACCOUNTS, ...revenue.map(([code, name]) => [code, name, 'revenue'] as const)]);
  await prepareDefaults(scoped, accounts);
  for (const year of setup.years ?? SETUP_YEARS) await prepareYear(scoped, year, setup.code);
  await prepareApplicationJournal(scoped);
  for (const percent of SETUP_TAX_PERCENTS) await prepareTax(scoped, percent, accounts.get('2200')!);
  await prepareAccounts(scoped, [LAST_ACCOUNT]);
  const books = await readBooks(calls, setup.code);
  if (!books) throw new TrytonFault(`Tryton's company ${setup.code} is incomplete after its set-up.`);
  return books;
}

/** The tax of a percentage, made when it is missing; it posts to the tax account. */
export async function ensureTax(calls: TrytonCalls, books: Books, percent: string): Promise<Id> {
  const key = percentKey(percent);
  const known = books.taxes.get(key);
  if (known !== undefined) return known;
  const account = [...books.accounts.values()].find(({ kind }) => kind === 'tax');
  if (!account) throw new TrytonFault("Tryton's company has no tax account.");
  const id = await prepareTax(calls, key, account.id);
  books.taxes.set(key, id);
  return id;
}

/** The account where what is billed waits until it is earned, made when it is missing. */
export async function ensureDeferred(calls: TrytonCalls, books: Books, code: string): Promise<Id> {
  const known = books.accounts.get(code);
  if (known && known.kind !== 'deferred') throw new ErpRejection('ERP_ACCOUNT_UNKNOWN', `Tryton's account ${code} is not one of deferred revenue.`);
  if (known) return known.id;
  const name = ACCOUNT_KINDS.deferred;
  const id = (await prepareAccounts(calls, [[code, name, 'deferred']])).get(code)!;
  books.accounts.set(code, { id, code, name, kind: 'deferred' });
  return id;
}

async function foundOr(calls: TrytonCalls, query: { model: string; domain: unknown[] }, values: () => Values): Promise<Id> {
  return (await calls.first(query.model, query.domain))?.id ?? calls.create(query.model, values());
}

async function prepareCurrencies(calls: TrytonCalls, own: string): Promise<Map<string, Id>> {
  const wanted = CURRENCIES.filter(([code]) => code === own || code === 'EUR' || code === 'USD');
  const found = new Map<string, Id>();
  for (const [code, name, numeric, digits] of wanted) {
    const rounding = decimal(digits === 0 ? '1' : `0.${'0'.repeat(digits - 1)}1`);
    const rates = [['create', [{ date: date('2000-01-01'), rate: decimal('1') }]]];
    const values = { code, name, symbol: code, numeric_code: numeric, digits, rounding, rates };
    found.set(code, await foundOr(calls, { model: 'currency.currency', domain: [['code', '=', code]] }, () => values));
  }
  if (!found.has(own)) found.set(own, await foundOr(calls, { model: 'currency.currency', domain: [['code', '=', own]] }, () => {
    throw new ErpRejection('ERP_CURRENCY_UNKNOWN', `Tryton has no currency ${own}; an accountant has to add it first.`);
  }));
  return found;
}

/** The company with its party, and the calling user among those who may work for it. */
async function prepareEntity(calls: TrytonCalls, setup: CompanySetup, currency: Id): Promise<Id> {
  const code = companyCode(setup.code);
  const existing = await findCompany(calls, setup.code);
  const party = existing
    ? undefined
    : await foundOr(calls, { model: 'party.party', domain: [['code', '=', code]] }, () => ({
        code, name: setup.name ?? setup.code, addresses: [['create', [{}]]],
      }));
  const company = existing?.id ?? (await calls.create('company.company', { party, currency }));
  const user = await calls.userId();
  const [row] = await calls.read('res.user', [user], ['companies', 'company', 'company_filter']);
  if (!(row?.companies as Id[] | undefined)?.includes(company) || row?.company_filter !== 'all') {
    const current = row?.company ? {} : { company };
    // "all": the user may post to each of its companies, whichever of them it has chosen in Tryton's own client
    await calls.write('res.user', [user], { companies: [['add', [company]]], company_filter: 'all', ...current });
  }
  return company;
}

async function prepareAccounts(calls: TrytonCalls, wanted: readonly Wanted[]): Promise<Map<string, Id>> {
  const { company } = calls;
  const types = new Map<string, Id>();
  for (const [kind, flags] of Object.entries(TYPES)) {
    const name = ACCOUNT_KINDS[kind as keyof typeof ACCOUNT_KINDS];
    const domain = [['company', '=', company], ['name', '=', name]];
    types.set(kind, await foundOr(calls, { model: 'account.account.type', domain }, () => ({ name, company, ...flags })));
  }
  const found = new Map<string, Id>();
  for (const [code, name, kind, more] of wanted) {
    const domain = [['company', '=', company], ['code', '=', code]];
    const values = { code, name, company, type: types.get(kind), ...more };
    found.set(code, await foundOr(calls, { model: 'account.account', domain }, () => values));
  }
  return found;
}

/** New parties get these accounts; tax is rounded per line, as the canonical invoice does. */
async function prepareDefaults(calls: TrytonCalls, accounts: Map<string, Id>): Promise<void> {
  const values = {
    default_account_receivable: accounts.get('1100'), default_account_payable: accounts.get('2100'), tax_rounding: 'line',
  };
  const configuration = await calls.first('account.configuration', []);
  if (configuration) await calls.write('account.configuration', [configuration.id], values);
  else await calls.create('account.configuration', values);
}

async function prepareYear(calls: TrytonCalls, year: number, code: string): Promise<void> {
  const { company } = calls;
  const domain = [['company', '=', company], ['start_date', '<=', date(`${year}-06-30`)], ['end_date', '>=', date(`${year}-06-30`)]];
  const existing = await calls.first('account.fiscalyear', domain, ['id', 'periods']);
  let id = existing?.id;
  if (id === undefined) {
    const moves = await sequence(calls, 'ir.sequence', { type: 'Account Move', name: `Moves ${code} ${year}`, prefix: '' });
    const strict = { type: 'Invoice', name: `Invoices ${code} ${year}`, prefix: `INV-${year}-` };
    const invoices = await sequence(calls, 'ir.sequence.strict', strict);
    const credits = await sequence(calls, 'ir.sequence.strict', { ...strict, name: `Credit notes ${code} ${year}`, prefix: `CN-${year}-` });
    id = await calls.create('account.fiscalyear', {
      name: String(year), company, start_date: date(`${year}-01-01`), end_date: date(`${year}-12-31`), post_move_sequence: moves,
      invoice_sequences: [['create', [{
        company, out_invoice_sequence: invoices, in_invoice_sequence: invoices,
        out_credit_note_sequence: credits, in_credit_note_sequence: credits,
      }]]],
    });
  }
  if (((existing?.periods as Id[] | undefined) ?? []).length === 0) await calls.act('account.fiscalyear', 'create_period', [id]);
}

async function sequence(calls: TrytonCalls, model: string, wanted: { type: string; name: string; prefix: string }): Promise<Id> {
  const { company } = calls;
  const type = await calls.first('ir.sequence.type', [['name', '=', wanted.type]]);
  const domain = [['company', '=', company], ['name', '=', wanted.name]];
  return foundOr(calls, { model, domain }, () => ({
    name: wanted.name, sequence_type: type?.id, company, prefix: wanted.prefix, padding: 6,
  }));
}

/** Tryton brings journals for revenue and cash; applications of cash get one of their own. A journal counts per company. */
async function prepareApplicationJournal(calls: TrytonCalls): Promise<void> {
  const existing = await calls.first('account.journal', [['code', '=', 'APP']], ['id', 'sequence']);
  if (existing?.sequence) return;
  const numbers = await calls.first('ir.sequence', [['sequence_type.name', '=', 'Account Journal'], ['company', '=', null]]);
  if (existing) await calls.write('account.journal', [existing.id], { sequence: numbers?.id });
  else await calls.create('account.journal', { name: 'Cash application', code: 'APP', type: 'general', sequence: numbers?.id });
}

async function prepareTax(calls: TrytonCalls, percent: string, account: Id): Promise<Id> {
  const { company } = calls;
  const name = `Tax ${percentKey(percent)}%`;
  const domain = [['company', '=', company], ['name', '=', name], ['parent', '=', null]];
  return foundOr(calls, { model: 'account.tax', domain }, () => ({
    name, description: name, type: 'percentage', rate: decimal(rateOf(percent)), company,
    invoice_account: account, credit_note_account: account,
  }));
}
