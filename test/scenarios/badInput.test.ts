import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../cli/config';
import { DEMO_IBAN, seedDemo } from '../../cli/demo';
import { type House, openHouse } from '../../cli/house';
import { camtStatement } from '../../cli/scenario/statement';
import { systemClock } from '../../sync/clock';
import { until } from '../harness/until';

let folder: string;
let house: House;
const ids: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-bad-'));
  house = await openHouse({ ...readConfig({ EVENKEEL_DATA: folder }), port: 0 }, systemClock);
  await seedDemo(house.engine);
  const query = '{ customers(first: 1) { nodes { id contracts { id } } } legalEntities { nodes { id } } products { nodes { id } } }';
  const { data } = await post('demo-finance', { query });
  ids.customer = data.customers.nodes[0].id;
  ids.contract = data.customers.nodes[0].contracts[0].id;
  ids.entity = data.legalEntities.nodes[0].id;
  ids.product = data.products.nodes[0].id;
  const waiting = "SELECT COUNT(*) AS n FROM posting WHERE state <> 'POSTED'";
  await until('the demo data is posted', async () => Number((await house.engine.database.reads.query(waiting))[0]!.n) === 0);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

async function post(token: string, body: unknown, raw?: string): Promise<any> {
  const response = await fetch(house.gateway!.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
    body: raw ?? JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

async function rows(): Promise<number> {
  const tables = ['customer', 'contract', 'invoice', 'payment', 'bank_statement', 'bank_line', 'audit_entry', 'idempotency_key', 'number_series'];
  const counts = await Promise.all(tables.map((table) => house.engine.database.reads.query(`SELECT COUNT(*) AS n FROM \`${table}\``)));
  return counts.reduce((total, [row]) => total + Number(row!.n), 0);
}

const euros = (amount: string) => ({ amount, currency: 'EUR' });
const payment = (over: object) => () => ({ reference: 'BAD', customerId: ids.customer, legalEntityId: ids.entity, amount: euros('1.00'), ...over });
const invoice = (over: object) => () => ({
  reference: 'BAD', customerId: ids.customer, legalEntityId: ids.entity, lines: [{ productId: ids.product, quantity: '1', unitPrice: euros('1.00') }], ...over,
});
const line = (over: object) => () => ({ ...invoice({})(), lines: [{ productId: ids.product, quantity: '1', unitPrice: euros('1.00'), ...over }] });
const file = (content: string) => () => ({ content });
const good = () => camtStatement({ iban: DEMO_IBAN, id: 'X', day: '2026-11-20', openingMinor: 0n }, [{ amountMinor: 100n, payer: 'X' }]);
const bomb = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&b;</Document>`;

const CASES: [string, string, () => object, string][] = [
  ['a malformed id', 'recordPayment', payment({ customerId: 'cus_1' }), 'ID_MALFORMED'],
  ['an id of another kind', 'recordPayment', () => ({ ...payment({})(), customerId: ids.entity }), 'ID_MALFORMED'],
  ['an unknown id', 'recordPayment', payment({ customerId: `cus_${'0'.repeat(32)}` }), 'NOT_FOUND'],
  ['an unknown currency', 'recordPayment', payment({ amount: { amount: '1', currency: 'EUX' } }), 'CURRENCY_UNKNOWN'],
  ['too many decimals', 'recordPayment', payment({ amount: euros('1.001') }), 'AMOUNT_TOO_PRECISE'],
  ['decimals of a currency without', 'recordPayment', payment({ amount: { amount: '1.5', currency: 'JPY' } }), 'AMOUNT_TOO_PRECISE'],
  ['a negative amount', 'recordPayment', payment({ amount: euros('-1.00') }), 'AMOUNT_NOT_POSITIVE'],
  ['an amount beyond all bounds', 'recordPayment', payment({ amount: { amountMinor: '9'.repeat(19), currency: 'EUR' } }), 'AMOUNT_TOO_LARGE'],
  ['an amount as words', 'recordPayment', payment({ amount: euros('1e400') }), 'AMOUNT_MALFORMED'],
  ['two amounts at once', 'recordPayment', payment({ amount: { amount: '1', amountMinor: '1', currency: 'EUR' } }), 'AMOUNT_MISSING'],
  ['a day before the first period', 'recordPayment', payment({ receivedDate: '2019-01-01' }), 'PERIOD_BEFORE_FIRST'],
  ['an invoice before the first period', 'issueInvoice', invoice({ invoiceDate: '2019-01-01' }), 'PERIOD_BEFORE_FIRST'],
  ['a negative total', 'issueInvoice', line({ unitPrice: euros('-5.00') }), 'AMOUNT_NOT_POSITIVE'],
  ['a quantity of half', 'issueInvoice', line({ quantity: '0.5' }), 'QUANTITY_INVALID'],
  ['an invoice without lines', 'issueInvoice', invoice({ lines: [] }), 'LINES_MISSING'],
  ['control characters', 'issueInvoice', invoice({ reference: 'a\u0000b' }), 'TEXT_INVALID'],
  ['a lone surrogate', 'issueInvoice', invoice({ reference: 'a\ud800' }), 'TEXT_INVALID'],
  ['a stale version', 'cancelContract', () => ({ contractId: ids.contract, reason: 'x', expectedVersion: 9 }), 'VERSION_STALE'],
  ['an empty idempotency key', 'recordPayment', payment({ idempotencyKey: '' }), 'IDEMPOTENCY_KEY_MALFORMED'],
  ['an empty file', 'importBankStatement', file(''), 'FILE_EMPTY'],
  ['a file of something else', 'importBankStatement', file('hello'), 'FORMAT_UNKNOWN'],
  ['invalid XML', 'importBankStatement', () => ({ content: good().replace('</Ntry>', '') }), 'XML_MALFORMED'],
  ['an XML bomb', 'importBankStatement', file(bomb), 'XML_DTD_FORBIDDEN'],
  ['an account of nobody', 'importBankStatement', () => ({ content: good().replace(DEMO_IBAN, 'DE00000000000000000000') }), 'ACCOUNT_UNKNOWN'],
  ['a statement that does not tie', 'importBankStatement', () => ({ content: good().replace('>1.00<', '>2.00<') }), 'BALANCE_MISMATCH'],
];

test.each(CASES)('%s is refused by %s with words, and nothing is written', async (_name, mutation, input, code) => {
  const before = await rows();
  const name = mutation[0]!.toUpperCase() + mutation.slice(1);
  const query = `mutation($input: ${name}Input!) { result: ${mutation}(input: $input) { __typename ... on Refused { code message path retryable } } }`;
  const { data, errors } = await post('demo-finance', { query, variables: { input: input() } });
  expect(errors).toBeUndefined();
  expect(data.result).toMatchObject({ __typename: 'Refused', code, retryable: false });
  expect(data.result.message.length).toBeGreaterThan(10);
  expect(await rows()).toBe(before);
});

test.each([
  ['no JSON', '{', 400],
  ['no query', '{}', 400],
  ['a body beyond the bound', `{"query":"${'x'.repeat(17 * 1024 * 1024)}"}`, 413],
  ['a day that is none', JSON.stringify({ query: 'mutation { issueInvoice(input: { reference: "x", invoiceDate: "2026-02-30" }) { __typename } }' }), 200],
])('%s is a clear error', async (_name, body, status) => {
  const answer = await post('demo-finance', undefined, body);
  expect(answer.status).toBe(status);
  expect(answer.errors[0].message.length).toBeGreaterThan(5);
});

test.each(['demo-partner', 'demo-auditor'])('%s may read and not write', async (token) => {
  const write = await post(token, { query: 'mutation { cancelContract(input: { contractId: "con_1", reason: "x" }) { __typename } }' });
  expect(write.errors[0].extensions.code).toBe('FORBIDDEN');
  expect((await post(token, { query: '{ viewer { role } }' })).data.viewer.role).toBe(token.slice(5));
});

test('the demo tokens are unknown outside the sandbox', async () => {
  const other = mkdtempSync(join(tmpdir(), 'evenkeel-live-'));
  const live = await openHouse({ ...readConfig({ EVENKEEL_DATA: other, EVENKEEL_MODE: 'live' }), port: 0 }, systemClock);
  const response = await fetch(live.gateway!.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer demo-finance' },
    body: '{"query":"{ viewer { role } }"}',
  });
  expect(response.status).toBe(401);
  expect(((await response.json()) as any).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  await live.close();
  rmSync(other, { recursive: true, force: true });
});
