import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { sandboxConnector } from '../../connectors/sandbox/connector';
import { journalLines, refuseUnbalanced, toHledger, type JournalEntry } from '../../connectors/sandbox/ledger';
import { startSandbox, type Sandbox } from '../../connectors/sandbox/server';
import { spawnSandbox } from '../../connectors/sandbox/spawn';
import { systemClock } from '../../sync/clock';
import type { Backend, PostingDocument } from '../../sync/documents';
import { ask, documentsOf } from './sandboxDocuments';

const HLEDGER = '/usr/bin/hledger';
const erp = documentsOf('t1', 'erp');
interface Balance { entity: string; account: string; kind: string; currency: string; debitMinor: string; creditMinor: string }
interface Rows<Row> { rows: Row[]; next: number | null }

let folder: string;
let sandbox: Sandbox;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
  sandbox = await startSandbox({ folder, clock: systemClock });
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Posts in order and gives each outcome, or its code. */
async function send(...documents: PostingDocument[]): Promise<string[]> {
  const told: string[] = [];
  for (const document of documents) {
    const connector = sandboxConnector({ url: sandbox.url, backend: document.backend });
    const answer = await connector.post(document, AbortSignal.timeout(5_000));
    told.push(answer.outcome === 'POSTED' ? 'POSTED' : answer.code);
    await connector.close!();
  }
  return told;
}

/** Net debit of every account, as `kind/account currency`. */
async function netOf(tenant: string): Promise<Record<string, string>> {
  const rows = await ask<Balance[]>(sandbox.url, `/erp/balances?tenant=${tenant}`);
  return Object.fromEntries(rows.map((row) => [`${row.kind}/${row.account} ${row.currency}`, String(BigInt(row.debitMinor) - BigInt(row.creditMinor))]));
}

const story = (docs: ReturnType<typeof documentsOf>): PostingDocument[] => [
  docs.customer(),
  docs.invoice('inv_1', [[10_000n, 2_000n], [5_000n, 1_000n], [-500n, -100n]]),
  docs.creditMemo('crn_1', 'inv_1', [[1_000n, 200n]]),
  docs.payment('pay_1', 10_000n),
  docs.payment('pay_2', 700n, null),
  docs.application('app_1', ['pay_1', 'inv_1'], 10_000n),
  docs.application('app_2', ['pay_2', 'inv_1'], 700n),
  docs.unapplication('una_1', 'app_1', ['pay_1', 'inv_1', 10_000n]),
  docs.invoice('inv_2', [[300n, 60n]]),
  docs.invoiceVoid('voi_2', 'inv_2', [[300n, 60n]]),
];

test('the ERP keeps double entry through invoice, credit, payment, application and their reversals', async () => {
  expect(new Set(await send(...story(erp)))).toEqual(new Set(['POSTED']));
  const net = await netOf('t1');
  expect(net).toEqual({
    'bank/1000 EUR': '10700', 'receivable/1200 EUR': '5500', 'tax/2200 EUR': '-2700', 'unidentifiedReceipts/2300 EUR': '0',
    'revenue/7000 EUR': '-9000', 'revenue/7010 EUR': '-5000', 'revenue/7020 EUR': '500',
  });
  expect(Object.values(net).reduce((total, minor) => total + BigInt(minor), 0n)).toBe(0n);
  expect(await ask(sandbox.url, '/erp/open-items?tenant=t1')).toEqual([
    { item: 'inv_1', currency: 'EUR', openMinor: '15500' }, { item: 'pay_1', currency: 'EUR', openMinor: '-10000' },
  ]);
});

test('billing keeps the same open items as the ERP', async () => {
  await send(...story(erp), ...story(documentsOf('t1', 'billing')));
  expect(await ask(sandbox.url, '/billing/open-items?tenant=t1')).toEqual(await ask(sandbox.url, '/erp/open-items?tenant=t1'));
});

test('a resend is booked twice, and the audit list shows it', async () => {
  const invoice = erp.invoice('inv_1', [[100n, 20n]]);
  expect(await send(erp.customer(), erp.customer(), invoice, invoice)).toEqual(Array(4).fill('POSTED'));
  const { rows } = await ask<Rows<object>>(sandbox.url, '/erp/documents?tenant=t1&doubles=1');
  expect(rows).toMatchObject([{ kind: 'invoice', externalId: 'inv_1', count: 2 }]);
  expect(await ask(sandbox.url, '/erp/stats')).toMatchObject({ documents: 3, doubles: 1 });
  expect((await netOf('t1'))['receivable/1200 EUR']).toBe('240');
});

test('with dedupe a resend gets the first booking, and another content under the id is a conflict', async () => {
  await ask(sandbox.url, '/settings', { backend: 'erp', dedupe: true });
  const told = await send(erp.customer(), erp.invoice('inv_1', [[100n, 20n]]), erp.invoice('inv_1', [[100n, 20n]]), erp.invoice('inv_1', [[100n, 0n]]));
  expect(told).toEqual(['POSTED', 'POSTED', 'POSTED', 'EXTERNAL_ID_CONFLICT']);
  expect((await ask<Rows<object>>(sandbox.url, '/erp/documents?tenant=t1&doubles=1')).rows).toEqual([]);
});

test('the highest version of an upsert stays, and a stale one counts as posted', async () => {
  expect(await send(erp.customer('cus_a', 3), erp.customer('cus_a', 2))).toEqual(['POSTED', 'POSTED']);
  const held = await fetch(`${sandbox.url}/erp/documents/cus_a?kind=customer`, { headers: { 'x-tenant': 't1' } });
  expect(await held.json()).toMatchObject({ version: 3, count: 1, body: { name: 'Ada 3' } });
  const connector = sandboxConnector({ url: sandbox.url, backend: 'erp' });
  const outcomes = await Promise.all([2, 3, 4].map((version) => connector.find(erp.customer('cus_a', version), AbortSignal.timeout(5_000))));
  expect(outcomes.map((one) => one.outcome)).toEqual(['POSTED', 'POSTED', 'ABSENT']);
  await connector.close!();
});

describe.each<Backend>(['erp', 'billing'])('%s refuses', (backend) => {
  const docs = documentsOf('t1', backend);
  const base = [docs.customer(), docs.invoice('inv_1', [[100n, 20n]]), docs.payment('pay_1', 90n), docs.application('app_1', ['pay_1', 'inv_1'], 50n)];
  const broken = docs.invoice('inv_9', [[100n, 20n]]);
  test.each<[string, PostingDocument]>([
    ['UNKNOWN_CUSTOMER', docs.payment('pay_9', 1n, 'cus_x')],
    ['UNKNOWN_INVOICE', docs.application('app_9', ['pay_1', 'inv_x'], 1n)],
    ['UNKNOWN_INVOICE', docs.creditMemo('crn_9', 'inv_x', [[1n, 0n]])],
    ['UNKNOWN_PAYMENT', docs.application('app_9', ['pay_x', 'inv_1'], 1n)],
    ['UNKNOWN_APPLICATION', docs.unapplication('una_9', 'app_x', ['pay_1', 'inv_1', 50n])],
    ['APPLICATION_MISMATCH', docs.unapplication('una_9', 'app_1', ['pay_1', 'inv_1', 49n])],
    ['INVOICE_OVERAPPLIED', docs.application('app_9', ['pay_1', 'inv_1'], 71n)],
    ['PAYMENT_OVERAPPLIED', docs.application('app_9', ['pay_1', 'inv_1'], 41n)],
    ['CREDIT_EXCEEDS_INVOICE', docs.creditMemo('crn_9', 'inv_1', [[101n, 20n]])],
    ['VOID_INCOMPLETE', docs.invoiceVoid('voi_9', 'inv_1', [[100n, 0n]])],
    ['CURRENCY_MISMATCH', documentsOf('t1', backend, 'USD').application('app_9', ['pay_1', 'inv_1'], 1n)],
    ['CURRENCY_UNKNOWN', documentsOf('t1', backend, 'XXX').payment('pay_9', 1n)],
    ['AMOUNT_NOT_POSITIVE', docs.payment('pay_9', 0n)],
    ['TOTALS_DISAGREE', { ...broken, body: { ...broken.body, totalMinor: '121' } }],
    ['AMOUNT_MALFORMED', { ...broken, body: { ...broken.body, netMinor: '1e2' } }],
    ['TOTAL_NEGATIVE', docs.invoice('inv_9', [[-1n, 0n]])],
    ['KIND_UNSUPPORTED', docs.entitlement('ent_9', '1')],
    ['DOCUMENT_MALFORMED', { ...broken, version: 0 }],
  ])('%s', async (code, document) => {
    expect(await send(...base, document)).toEqual(['POSTED', 'POSTED', 'POSTED', 'POSTED', code]);
  });

  test('a second reversal of one application', async () => {
    const reverse = docs.unapplication('una_1', 'app_1', ['pay_1', 'inv_1', 50n]);
    expect(await send(...base, reverse, { ...reverse, externalId: 'una_2' })).toEqual([...Array(5).fill('POSTED'), 'APPLICATION_REVERSED']);
  });
});

test('the ERP refuses an application between two legal entities', async () => {
  const payment = { ...erp.payment('pay_1', 90n), legalEntity: { code: 'DE01', currency: 'EUR' } };
  const told = await send(erp.customer(), erp.invoice('inv_1', [[100n, 20n]]), payment, erp.application('app_1', ['pay_1', 'inv_1'], 5n));
  expect(told.at(-1)).toBe('LEGAL_ENTITY_MISMATCH');
});

test('CRM and SaaS platform keep the latest state of contracts and entitlements', async () => {
  const crm = documentsOf('t1', 'crm');
  const saas = documentsOf('t1', 'saas');
  const more = { ...saas.entitlement('ent_1', '8'), version: 2 };
  expect(await send(crm.customer(), crm.contract('con_a'), saas.entitlement('ent_1', '5'), more)).toEqual(Array(4).fill('POSTED'));
  expect(await ask(sandbox.url, '/saas/entitlements?tenant=t1')).toMatchObject([{ productKey: 'seat', quantity: '8', version: 2 }]);
});

test('one tenant sees and uses nothing of another', async () => {
  const other = documentsOf('t2', 'erp');
  await send(erp.customer(), erp.invoice('inv_1', [[100n, 20n]]));
  expect(await send(other.invoice('inv_2', [[1n, 0n]]))).toEqual(['UNKNOWN_CUSTOMER']);
  expect(await ask(sandbox.url, '/erp/balances?tenant=t2')).toEqual([]);
  expect((await ask<Rows<object>>(sandbox.url, '/erp/journal?tenant=t2')).rows).toEqual([]);
  const forged = { method: 'POST', headers: { 'x-tenant': 't2' }, body: JSON.stringify(erp.payment('pay_1', 5n)) };
  expect((await fetch(`${sandbox.url}/erp/documents`, forged)).status).toBe(422);
  expect((await fetch(`${sandbox.url}/erp/documents/inv_1?kind=invoice`, { headers: { 'x-tenant': 't2' } })).status).toBe(404);
  expect((await fetch(`${sandbox.url}/erp/documents/inv_1?kind=invoice`)).status).toBe(400);
});

test('a killed process keeps its books, and its restart finds them', async () => {
  const own = path.join(folder, 'child');
  const first = await spawnSandbox({ folder: own, clock: systemClock });
  const post = async (url: string, document: PostingDocument) => {
    const connector = sandboxConnector({ url, backend: 'erp' });
    const answers = [await connector.post(document, AbortSignal.timeout(5_000)), await connector.find(document, AbortSignal.timeout(5_000))];
    await connector.close!();
    return answers.map((one) => one.outcome);
  };
  expect(await post(first.url, erp.customer())).toEqual(['POSTED', 'POSTED']);
  await first.kill();
  expect(await post(first.url, erp.customer())).toEqual(['UNCERTAIN', 'UNCERTAIN']);
  const second = await spawnSandbox({ folder: own, clock: systemClock });
  expect(await post(second.url, erp.invoice('inv_1', [[100n, 20n]]))).toEqual(['POSTED', 'POSTED']);
  await second.stop();
  expect(() => process.kill(second.pid, 0)).toThrow();
});

test('a sandbox that cannot keep its books does not pretend to start', async () => {
  writeFileSync(path.join(folder, 'file'), '');
  await expect(spawnSandbox({ folder: path.join(folder, 'file'), clock: systemClock })).rejects.toThrow(/ended with 1/);
});

test('a closed day is refused with the first open one, and a document booked under that has both dates in the books', async () => {
  await ask(sandbox.url, '/settings', { backend: 'erp', closedThrough: '2026-02-28' });
  const connector = sandboxConnector({ url: sandbox.url, backend: 'erp' });
  const payment = erp.payment('pay_1', 700n, null);
  const refused = { outcome: 'REJECTED', code: 'PERIOD_CLOSED', message: 'The books are closed through 2026-02-28.', openFrom: '2026-03-01' };
  expect(await connector.post(payment, AbortSignal.timeout(5_000))).toEqual(refused);
  await connector.close!();
  expect(await send({ ...payment, postingDate: '2026-02-28' }, { ...payment, postingDate: '2026-03-01' }, { ...payment, postingDate: 'soon' }))
    .toEqual(['PERIOD_CLOSED', 'POSTED', 'DOCUMENT_MALFORMED']);
  expect((await ask<Rows<JournalEntry>>(sandbox.url, '/erp/journal?tenant=t1')).rows).toMatchObject([{ date: '2026-03-01', effectiveDate: '2026-02-10' }]);
  expect(await (await fetch(`${sandbox.url}/erp/hledger?tenant=t1`)).text()).toContain('2026-03-01=2026-02-10 * (pay_1)');
});

test('books of a version without accounting dates are opened as they are', async () => {
  await send(erp.payment('pay_1', 700n, null));
  await sandbox.close();
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.sqlite'));
  const db = new Database(path.join(folder, file!));
  db.exec('ALTER TABLE documents DROP COLUMN posting_date');
  db.close();
  sandbox = await startSandbox({ folder, clock: systemClock });
  expect((await ask<Rows<JournalEntry>>(sandbox.url, '/erp/journal?tenant=t1')).rows).toMatchObject([{ date: '2026-02-10', effectiveDate: '2026-02-10' }]);
});

test('an unbalanced entry is refused', () => {
  const lines = journalLines(erp.invoice('inv_1', [[100n, 20n]]));
  expect(() => refuseUnbalanced(lines.slice(1))).toThrow(expect.objectContaining({ code: 'ENTRY_UNBALANCED' }));
});

test('amounts of the export have exactly the digits of their currency', () => {
  const entries = (['EUR', 'JPY', 'KWD'] as const).map((currency, at): JournalEntry => ({
    sequence: at, entity: 'A:B', date: '2026-02-10', effectiveDate: '2026-02-10', kind: 'payment', externalId: `pay_${at}`, text: 'a;b | c\nd',
    lines: journalLines(documentsOf('t1', 'erp', currency).payment(`pay_${at}`, 1_005n)),
  }));
  const text = toHledger(entries);
  for (const amount of ['10.05 EUR', '1005 JPY', '1.005 KWD', '-1.005 KWD']) expect(text).toContain(`    ${amount}\n`);
  expect(text).toContain('2026-02-10 * (pay_0) payment a b c d\n    assets:bank:A%3a.B    10.05 EUR\n');
});

(existsSync(HLEDGER) ? test : test.skip)('hledger agrees with the balances of the export', async () => {
  await send(...story(erp));
  for (const [currency, at] of [['JPY', 'j'], ['KWD', 'k']] as const) {
    const docs = documentsOf('t1', 'erp', currency);
    await send(docs.invoice(`inv_${at}`, [[1_005n, 201n]]), docs.payment(`pay_${at}`, 1_000n), docs.application(`app_${at}`, [`pay_${at}`, `inv_${at}`], 999n));
  }
  const file = path.join(folder, 't1.journal');
  writeFileSync(file, await (await fetch(`${sandbox.url}/erp/hledger?tenant=t1`)).text());
  const balance = (...args: string[]) => execFileSync(HLEDGER, ['-f', file, 'balance', '--flat', '-N', ...args], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } });
  const lines = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean);
  expect(lines(balance('assets:bank'))).toEqual(['107.00 EUR', '1000 JPY', '1.000 KWD  assets:bank:FR01']);
  expect(lines(balance('assets:receivable'))).toEqual(['55.00 EUR', '206 JPY', '0.206 KWD  assets:receivable:FR01:cus_a']);
  expect(execFileSync(HLEDGER, ['-f', file, 'balance'], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } }).trimEnd()).toMatch(/-\n +0$/);
});
