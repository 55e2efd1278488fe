import { execFileSync } from 'node:child_process';
import { TrytonClient } from '../../connectors/tryton/client';
import { toHledger, trytonLedger } from '../../connectors/tryton/ledger';
import { parseDecimal } from '../../entities/money';
import type { ConnectorConfig } from '../config';
import type { ApiClient } from './client';

/** Balances in minor units, debit positive: what both sides of the comparison are brought to. */
export interface Balances {
  bank: bigint;
  receivable: bigint;
  unidentified: bigint;
  revenue: bigint;
  tax: bigint;
}
export const ACCOUNTS = ['bank', 'receivable', 'unidentified', 'revenue', 'tax'] as const;

/** The balances that our own documents come to, from the public API. */
export async function ourBalances(api: ApiClient, customerIds: string[], legalEntityId: string): Promise<Balances> {
  const balances: Balances = { bank: 0n, receivable: 0n, unidentified: 0n, revenue: 0n, tax: 0n };
  for (const customerId of customerIds) {
    const { invoices } = await api.ask(
      `query($id: ID!) { invoices(first: 200, filter: { customerId: $id }) { nodes {
        state net { amountMinor } tax { amountMinor } open { amountMinor } creditMemos { total { amountMinor } lines { net { amountMinor } tax { amountMinor } } } } } }`,
      { id: customerId },
    );
    for (const { state, net, tax, open, creditMemos } of invoices.nodes) {
      balances.receivable += BigInt(open.amountMinor);
      if (state === 'VOIDED') continue;
      balances.revenue -= BigInt(net.amountMinor);
      balances.tax -= BigInt(tax.amountMinor);
      for (const line of creditMemos.flatMap((memo: { lines: unknown[] }) => memo.lines)) {
        balances.revenue += BigInt(line.net.amountMinor);
        balances.tax += BigInt(line.tax.amountMinor);
      }
    }
  }
  const { payments } = await api.ask('{ payments(first: 200) { nodes { customer { id } legalEntity { id } amount { amountMinor } unapplied { amountMinor } } } }');
  for (const { customer, legalEntity, amount, unapplied } of payments.nodes) {
    if (legalEntity.id !== legalEntityId) continue;
    balances.bank += BigInt(amount.amountMinor);
    balances[customer ? 'receivable' : 'unidentified'] -= BigInt(unapplied.amountMinor);
  }
  return balances;
}

export interface ErpBooks {
  /** As the ERP's own accounts say. */
  balances: Balances;
  /** The same journal for an independent checker. */
  journal: string;
}

/** Reads the ERP's ledger of a legal entity back. */
export async function erpBooks(erp: ConnectorConfig, at: { tenantId: string; entityCode: string }): Promise<ErpBooks> {
  return erp.connector === 'tryton' ? trytonBooks(erp, at.entityCode) : sandboxBooks(erp.url!, at);
}

async function trytonBooks(erp: ConnectorConfig & { connector: 'tryton' }, entityCode: string): Promise<ErpBooks> {
  const ledger = await trytonLedger(new TrytonClient(erp), entityCode);
  const of = (kind: string) => ledger.accounts.filter((account) => account.kind === kind).reduce((total, { debitMinor, creditMinor }) => total + debitMinor - creditMinor, 0n);
  return {
    balances: { bank: of('bank'), receivable: of('receivable'), unidentified: of('unidentified'), revenue: of('revenue'), tax: of('tax') },
    journal: toHledger(ledger.lines),
  };
}

interface SandboxBalance {
  entity: string;
  kind: string;
  debitMinor: string;
  creditMinor: string;
}

async function sandboxBooks(url: string, at: { tenantId: string; entityCode: string }): Promise<ErpBooks> {
  const get = async (path: string) => fetch(`${url}/erp/${path}?tenant=${encodeURIComponent(at.tenantId)}`);
  const answer = (await (await get('balances')).json()) as SandboxBalance[] | { rows: SandboxBalance[] };
  const rows = (Array.isArray(answer) ? answer : answer.rows).filter((row) => row.entity === at.entityCode);
  const of = (pattern: RegExp) => rows.filter((row) => pattern.test(row.kind)).reduce((total, row) => total + BigInt(row.debitMinor) - BigInt(row.creditMinor), 0n);
  return {
    balances: { bank: of(/^bank/), receivable: of(/^receivable/), unidentified: of(/^unidentified/), revenue: of(/^revenue/), tax: of(/^tax/) },
    journal: await (await get('hledger')).text(),
  };
}

/** hledger's own balances of a journal, by kind of account. Throws what hledger says if the journal does not balance. */
export function hledgerBalances(hledger: string, journal: string, entityCode?: string): Balances {
  const csv = execFileSync(hledger, ['-f', '-', 'balance', '--flat', '--no-total', '-O', 'csv'], { input: journal, encoding: 'utf8' });
  const balances: Balances = { bank: 0n, receivable: 0n, unidentified: 0n, revenue: 0n, tax: 0n };
  for (const row of csv.trim().split('\n').slice(1)) {
    const [account, balance] = row.replace(/^"|"$/g, '').split('","') as [string, string];
    if (entityCode !== undefined && !account.split(':').some((part) => part === entityCode)) continue;
    const kind = ACCOUNTS.find((name) => account.toLowerCase().split(/[:\s]/).some((part) => part.startsWith(name)));
    const [amount = '0', currency = 'EUR'] = balance.replace(/,/g, '').split(' ');
    if (kind && amount !== '0') balances[kind] += parseDecimal(amount, currency);
  }
  return balances;
}
