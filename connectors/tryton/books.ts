import type { TrytonCalls } from './client';
import type { Id, Row } from './values';
import { decimalText } from './values';

/** What an account is for. It is read from the name of the account's type, which the set-up gives. */
export const ACCOUNT_KINDS = {
  bank: 'Bank',
  receivable: 'Accounts receivable',
  payable: 'Accounts payable',
  tax: 'Tax payable',
  unidentified: 'Unidentified receipts',
  revenue: 'Revenue',
  deferred: 'Deferred revenue',
  expense: 'Expense',
} as const;
export type AccountKind = keyof typeof ACCOUNT_KINDS | 'other';

export interface BooksAccount {
  id: Id;
  code: string;
  name: string;
  kind: AccountKind;
}

/** One company's books in Tryton: the records that postings refer to. */
export interface Books {
  company: Id;
  currency: string;
  currencyId: Id;
  accounts: Map<string, BooksAccount>;
  receivable: Id;
  bank: Id;
  unidentified: Id;
  revenueJournal: Id;
  cashJournal: Id;
  generalJournal: Id;
  /** Percent, without trailing zeros, to the tax's record. */
  taxes: Map<string, Id>;
}

/** The party that stands for a legal entity in Tryton has this code. */
export const companyCode = (legalEntity: string) => `LE-${legalEntity}`;

/** "20", "20.0" and "20.0000" name the same tax. */
export function percentKey(percent: string): string {
  if (!/^\d{1,3}(\.\d{1,8})?$/.test(percent)) throw new RangeError(`${JSON.stringify(percent)} is no percentage`);
  const [whole = '0', fraction = ''] = percent.split('.');
  const digits = fraction.replace(/0+$/, '');
  return String(Number(whole)) + (digits ? `.${digits}` : '');
}

/** A percentage as the fraction Tryton keeps: "7.7" is 0.077. */
export function rateOf(percent: string): string {
  const [whole = '0', fraction = ''] = percentKey(percent).split('.');
  const digits = whole.padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`;
}

/** The percentage of a tax record's rate: 0.077 is "7.7". */
export function percentOf(rate: string): string {
  const [whole = '0', fraction = ''] = rate.split('.');
  const digits = fraction.padEnd(2, '0');
  return percentKey(`${Number(whole + digits.slice(0, 2))}.${(digits.slice(2) || '0').slice(0, 8)}`);
}

/** The company of a legal entity with its currency, or undefined when nobody has prepared it. */
export async function findCompany(calls: TrytonCalls, legalEntity: string): Promise<Row | undefined> {
  const domain = [['party.code', '=', companyCode(legalEntity)]];
  return calls.first('company.company', domain, ['id', 'party', 'currency', 'currency.code']);
}

/** Reads a prepared company's books; undefined when the company, a main account or a journal is missing. */
export async function readBooks(calls: TrytonCalls, legalEntity: string): Promise<Books | undefined> {
  const found = await findCompany(calls, legalEntity);
  if (!found) return undefined;
  const scoped = calls.of(found.id);
  const [accounts, journals, taxes] = await Promise.all([
    accountsOf(scoped),
    scoped.rows('account.journal', [], ['id', 'type', 'code']),
    scoped.rows('account.tax', [['company', '=', found.id], ['parent', '=', null]], ['id', 'rate', 'type']),
  ]);
  const account = (kind: AccountKind) => [...accounts.values()].find((one) => one.kind === kind)?.id;
  const journal = (code: string, type: string) =>
    (journals.find((one) => one.code === code) ?? journals.find((one) => one.type === type))?.id;
  const mains = {
    receivable: account('receivable'), bank: account('bank'), unidentified: account('unidentified'),
    revenueJournal: journal('REV', 'revenue'), cashJournal: journal('CASH', 'cash'), generalJournal: journal('APP', 'general'),
  };
  if (Object.values(mains).some((id) => id === undefined)) return undefined;
  return {
    company: found.id,
    currency: (found['currency.'] as { code: string }).code,
    currencyId: found.currency as Id,
    accounts,
    ...(mains as Record<keyof typeof mains, Id>),
    taxes: new Map(taxes.filter((tax) => tax.type === 'percentage').map((tax) => [percentOf(decimalText(tax.rate)), tax.id])),
  };
}

/** The accounts of a company that have a code and a type, by code. */
export async function accountsOf(calls: TrytonCalls): Promise<Map<string, BooksAccount>> {
  const domain = [['company', '=', calls.company], ['code', '!=', null], ['type', '!=', null]];
  const rows = await calls.rows('account.account', domain, ['id', 'code', 'name', 'type.name', 'type.receivable', 'type.revenue']);
  return new Map(rows.map((row) => [row.code as string, { id: row.id, code: row.code as string, name: row.name as string, kind: kindOf(row) }]));
}

function kindOf(row: Row): AccountKind {
  const type = row['type.'] as { name: string; receivable: boolean; revenue: boolean };
  const named = Object.entries(ACCOUNT_KINDS).find(([, name]) => name === type.name)?.[0] as AccountKind | undefined;
  return named ?? (type.receivable ? 'receivable' : type.revenue ? 'revenue' : 'other');
}
