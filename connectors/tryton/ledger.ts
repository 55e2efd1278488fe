import { digitsOf, formatDecimal } from '../../entities/money';
import { type AccountKind, type BooksAccount, accountsOf, findCompany } from './books';
import type { TrytonClient } from './client';
import { ErpRejection } from './faults';
import { type Id, type Row, decimalText, isoDate, minorOf } from './values';

/** One posted line of the general ledger. */
export interface LedgerLine {
  move: string;
  date: string;
  /** The move's description: the external id of a payment or application; null for an invoice's move. */
  description: string | null;
  account: string;
  kind: AccountKind;
  /** The party's code, on receivable lines. */
  party: string | null;
  debitMinor: bigint;
  creditMinor: bigint;
  currency: string;
}

export interface LedgerAccount {
  code: string;
  name: string;
  kind: AccountKind;
  debitMinor: bigint;
  creditMinor: bigint;
}

export interface Ledger {
  currency: string;
  accounts: LedgerAccount[];
  lines: LedgerLine[];
}

const PAGE_ROWS = 1_000;
const FIELDS = ['id', 'account', 'debit', 'credit', 'move.id', 'move.post_number', 'move.date', 'move.description', 'party.code'];

/** Reads every posted line of a legal entity's company, and the sums of its accounts that follow from them. */
export async function trytonLedger(client: TrytonClient, legalEntity: string, signal?: AbortSignal): Promise<Ledger> {
  const company = await findCompany(client.within({ signal }), legalEntity);
  if (!company) throw new ErpRejection('ERP_COMPANY_UNKNOWN', `Tryton has no company for the legal entity ${legalEntity}.`);
  const calls = client.within({ company: company.id, signal });
  const currency = (company['currency.'] as { code: string }).code;
  const accounts = new Map([...(await accountsOf(calls)).values()].map((account) => [account.id, account]));
  const lines: LedgerLine[] = [];
  for (let after: Id = 0; ; ) {
    const domain = [['move.company', '=', company.id], ['move.state', '=', 'posted'], ['id', '>', after]];
    const rows = await calls.page('account.move.line', domain, { fields: FIELDS, limit: PAGE_ROWS });
    lines.push(...rows.map((row) => lineOf(row, accounts, currency)));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_ROWS) break;
    after = last.id;
  }
  return { currency, lines, accounts: [...accounts.values()].map((account) => totalOf(account, lines)) };
}

function lineOf(row: Row, accounts: Map<Id, BooksAccount>, currency: string): LedgerLine {
  const account = accounts.get(row.account as Id);
  if (!account) throw new ErpRejection('ERP_ACCOUNT_UNKNOWN', `Account ${String(row.account)} has postings and no code.`);
  const move = row['move.'] as { post_number: string; date: unknown; description: string | null };
  const digits = digitsOf(currency);
  return {
    move: move.post_number, date: isoDate(move.date), description: move.description,
    account: account.code, kind: account.kind, party: (row['party.'] as { code: string } | null)?.code ?? null,
    debitMinor: minorOf(decimalText(row.debit), digits), creditMinor: minorOf(decimalText(row.credit), digits), currency,
  };
}

function totalOf({ code, name, kind }: BooksAccount, lines: LedgerLine[]): LedgerAccount {
  const own = lines.filter((line) => line.account === code);
  const total = (side: 'debitMinor' | 'creditMinor') => own.reduce((before, line) => before + line[side], 0n);
  return { code, name, kind, debitMinor: total('debitMinor'), creditMinor: total('creditMinor') };
}

/** The lines as an hledger journal: one transaction a move, one posting a line, parties as sub-accounts. */
export function toHledger(lines: readonly LedgerLine[]): string {
  const moves = new Map<string, LedgerLine[]>();
  for (const line of lines) {
    const key = `${line.date} ${line.move}`;
    const known = moves.get(key);
    if (known) known.push(line);
    else moves.set(key, [line]);
  }
  const text = [...moves.values()].map((postings) => {
    const [first] = postings;
    const title = `${first!.date} * (${word(first!.move)}) ${word(first!.description ?? '')}`.trimEnd();
    return [title, ...postings.map(posting)].join('\n');
  });
  return `${text.join('\n\n')}\n`;
}

function posting(line: LedgerLine): string {
  const account = [line.account, line.kind, ...(line.party ? [line.party] : [])].map(word).join(':');
  return `    ${account}  ${formatDecimal(line.debitMinor - line.creditMinor, line.currency)} ${line.currency}`;
}

/** hledger gives meaning to colons, semicolons, brackets, bars and double spaces. */
const word = (text: string) => text.replace(/[:;()[\]{}|*!=]/g, '_').replace(/\s+/g, ' ').trim();
