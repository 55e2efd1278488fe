/**
 * Matching a transfer against many open invoices: how long the take-in of one line of a statement takes beside the mere booking of a payment, and how long its suggestions take. Each kind of
 * transfer takes its turn.
 */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Customer } from '../entities/customers/Customer';
import { Invoice } from '../entities/invoices/Invoice';
import { Payment } from '../entities/payments/Payment';
import { PayerAlias } from '../entities/payments/PayerAlias';
import { insertRows, selectRows } from '../entities/rows';
import { contextOf } from '../gateway/context';
import { perform } from '../subgraphs/act';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import { issueInvoice } from '../subgraphs/invoices/commands/issueInvoice';
import { importBankStatement, type StatementLine } from '../subgraphs/payments/commands/importBankStatement';
import { aliasOf } from '../subgraphs/payments/commands/learnPayer';
import { recordPayment } from '../subgraphs/payments/commands/recordPayment';
import { suggestionsOf } from '../subgraphs/payments/queries/suggestionsOf';
import { type BenchHouse, makeCustomers, openPrivateHouse, TENANT } from './harness/house';
import { median, quantile } from './harness/rounds';

const INVOICES = Number(process.argv[2] ?? 100_000);
const TRANSFERS = Number(process.argv[3] ?? 300);
const PER_CUSTOMER = 5;
const BATCH_ROWS = 500;

const idOf = (prefix: string, n: number) => `${prefix}_${createHash('md5').update(`${prefix}/${n}`).digest('hex')}`;
const numberOf = (n: number) => `INV-DE01-2025-${String(n).padStart(6, '0')}`;
const openOf = (n: number) => BigInt(10_000 + ((n * 7_919) % 900_000));
const accountOf = (customer: number) => `DE${String(customer).padStart(20, '0')}`;

/** Customers with five open invoices each, and from which account each of them pays. */
async function fill({ engine, actor, entityId }: BenchHouse, customerId: string): Promise<void> {
  const product = await perform(actor, upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
  await perform(actor, issueInvoice, { reference: 'R-0', customerId, legalEntityId: entityId, lines: [{ productId: product.id, quantity: '1', unitPrice: { amount: '1.00', currency: 'EUR' } }] });
  await engine.database.transaction(async (sql) => {
    const [[customer], [invoice]] = [await selectRows(sql, Customer, { where: { tenantId: TENANT, id: customerId } }), await selectRows(sql, Invoice, { where: { tenantId: TENANT } })];
    for (let from = 0; from < INVOICES; from += BATCH_ROWS) {
      const places = Array.from({ length: Math.min(BATCH_ROWS, INVOICES - from) }, (_, index) => from + index);
      const payers = places.filter((n) => n % PER_CUSTOMER === 0).map((n) => n / PER_CUSTOMER);
      await insertRows(sql, Customer, payers.map((n) => Object.assign(new Customer(), { ...customer, id: idOf('cus', n), key: `B${n}`, name: `Bench ${n}` })));
      await insertRows(sql, PayerAlias, payers.map((n) => Object.assign(new PayerAlias(), { tenantId: TENANT, aliasKey: aliasOf({ payerAccount: accountOf(n), payerName: null }), customerId: idOf('cus', n), confirmed: 1 })));
      await insertRows(sql, Invoice, places.map((n) => Object.assign(new Invoice(), {
        ...invoice, id: idOf('inv', n), number: numberOf(n), paymentReference: `RF00${n}`, reference: `B-${n}`, customerId: idOf('cus', Math.floor(n / PER_CUSTOMER)), totalMinor: openOf(n), openMinor: openOf(n),
      })));
    }
  });
}

/** How transfer number `n` says which invoice it is for. */
const KINDS: Record<string, (n: number) => Pick<StatementLine, 'payerAccount' | 'evidence'>> = {
  'number in text': (n) => ({ payerAccount: null, evidence: { creditorReferences: [], references: [`E2E-${n}`], text: [`Payment of ${numberOf(n)} with thanks`] } }),
  'payer and amount': (n) => ({ payerAccount: accountOf(Math.floor(n / PER_CUSTOMER)), evidence: { creditorReferences: [], references: [`E2E-${n}`], text: ['as agreed'] } }),
  'nothing known': (n) => ({ payerAccount: null, evidence: { creditorReferences: [], references: [`E2E-${n}`], text: ['as agreed'] } }),
};

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  try {
    const { actor, entityId, engine } = house;
    const [customerId] = await makeCustomers(house, 1);
    await fill(house, customerId!);
    const times = new Map<string, number[]>();
    const timed = async <Result>(name: string, run: () => Promise<Result>): Promise<Result> => {
      const start = performance.now();
      const result = await run();
      times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
      return result;
    };
    const head = { account: 'BENCH', legalEntityId: entityId, closingDate: '2026-11-24', currency: 'EUR', openingMinor: '0', closingMinor: '0', finishedWith: null };
    for (let turn = 0; turn < TRANSFERS; turn++) {
      await timed('booking alone', () => perform(actor, recordPayment, { reference: `P-${turn}`, customerId: customerId!, legalEntityId: entityId, amount: { amountMinor: '100', currency: 'EUR' }, applyTo: [] }));
      for (const [index, [kind, of]] of Object.entries(KINDS).entries()) {
        const n = (turn * 3 + index) * PER_CUSTOMER + 1;
        const key = `${kind}-${n}`;
        const line = { lineKey: key, contentHash: key, occurrence: 1, bookingDate: '2026-11-24', currency: 'EUR', amountMinor: openOf(n).toString(), payerName: `Payer ${n}`, ...of(n) };
        const { applied } = await timed(kind, () => perform(actor, importBankStatement, { ...head, statementNumber: 'S', lines: [line] }));
        if ((applied === 1) !== (kind !== 'nothing known')) throw new Error(`${kind} ${n} was ${applied ? '' : 'not '}applied`);
        if (kind !== 'nothing known') continue;
        const [payment] = await selectRows(engine.database.reads, Payment, { where: { tenantId: TENANT, reference: key } });
        await timed('suggestions', () => suggestionsOf(contextOf(engine, { principal: actor.principal, correlationId: 'bench', idempotencyKey: undefined }), payment!));
      }
    }
    console.log(`${INVOICES} open invoices of ${INVOICES / PER_CUSTOMER} customers, ${TRANSFERS} transfers of each kind, one after the other; milliseconds of a whole transaction, commit included`);
    for (const [name, all] of times) console.log(`${name.padEnd(18)} median ${median(all).toFixed(2).padStart(6)}   p99 ${quantile(all, 0.99).toFixed(2).padStart(6)}`);
    const of = (name: string) => Number(median(times.get(name)!).toFixed(2));
    console.log(JSON.stringify({ bench: 'matching', invoices: INVOICES, matchingMs: Number((of('nothing known') - of('booking alone')).toFixed(2)), suggestionsMs: of('suggestions'), ratio: Number((of('booking alone') / of('payer and amount')).toFixed(3)) }));
  } finally {
    await house.close();
  }
}

void main();
