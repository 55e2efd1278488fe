/**
 * A bank statement of many credits, each of which names an invoice, taken in as camt.053 and applied, against the rows that this wrote inserted by bare multi-row SQL: as many lines a
 * transaction, one transaction after the other.
 */
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { camtStatement } from '../cli/scenario/statement';
import { importBankFile } from '../connectors/bankFiles';
import { Invoice } from '../entities/invoices/Invoice';
import { insertRows, selectRows } from '../entities/rows';
import { perform } from '../subgraphs/act';
import { upsertLegalEntity } from '../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import { issueInvoice } from '../subgraphs/invoices/commands/issueInvoice';
import { idLike } from './harness/bulk';
import { poolOf } from './harness/databases';
import { type BenchHouse, makeCustomers, openBenchHouse, openPrivateHouse, TENANT } from './harness/house';
import { insertPage, type Rows } from './harness/rowsWritten';

const CREDITS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 2);
const CUSTOMERS = 200;
const LINES_PER_ACT = 200;
const BATCH_ROWS = 500;
const IBAN = 'DE89370400440532013000';
const OPEN_MINOR = 12_000n;

/** Rows that a round writes; those of before it are below a mark in time. */
const WRITTEN = ['payment', 'payment_application', 'bank_line', 'resource_version', 'change', 'posting', 'posting_dependency', 'audit_entry'];

const numberOf = (round: number, n: number) => `INV-DE01-2026-${round}${String(n).padStart(7, '0')}`;

async function makeInvoices(house: BenchHouse, round: number): Promise<void> {
  const { engine, actor, entityId } = house;
  const customers = await selectIds(house, 'customer');
  const product = await perform(actor, upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
  const sample = await perform(actor, issueInvoice, { reference: `R-${round}`, customerId: customers[0]!, legalEntityId: entityId, lines: [{ productId: product.id, quantity: '1', unitPrice: { amount: '100.00', currency: 'EUR' } }] });
  await engine.database.transaction(async (sql) => {
    const [invoice] = await selectRows(sql, Invoice, { where: { tenantId: TENANT, id: sample.id } });
    for (let from = 0; from < CREDITS; from += BATCH_ROWS) {
      const places = Array.from({ length: Math.min(BATCH_ROWS, CREDITS - from) }, (_, index) => from + index);
      await insertRows(sql, Invoice, places.map((n) => Object.assign(new Invoice(), { ...invoice, id: idLike(sample.id, `${n}`), number: numberOf(round, n), paymentReference: `RF00${round}X${n}`, reference: `B-${round}-${n}`, customerId: customers[n % customers.length]! })));
    }
  });
}

const selectIds = async ({ engine }: BenchHouse, table: string): Promise<string[]> =>
  (await engine.database.reads.query<{ id: string }>(`SELECT id FROM ${table} WHERE tenant_id = ? ORDER BY id`, [TENANT])).map(({ id }) => id);

/** Counts of each table, by which the rows of a round are told from those before. */
async function counts(source: Pool): Promise<Map<string, Set<string>>> {
  const keys = new Map<string, Set<string>>();
  for (const table of WRITTEN) {
    const [rows] = await source.query<RowDataPacket[]>(`SELECT ${KEY[table]} AS k FROM \`${table}\``);
    keys.set(table, new Set(rows.map(({ k }) => String(k))));
  }
  return keys;
}

const KEY: Record<string, string> = {
  payment: 'id', payment_application: 'id', bank_line: 'line_key', resource_version: "CONCAT(resource_id, '/', version)", change: 'id', posting: 'id', posting_dependency: "CONCAT(posting_id, '/', depends_on)", audit_entry: 'id',
};

/** What a round wrote, cut into as many transactions as it took. */
async function written(source: Pool, before: ReadonlyMap<string, Set<string>>): Promise<Rows[]> {
  const pages: Rows[] = Array.from({ length: Math.ceil(CREDITS / LINES_PER_ACT) }, () => []);
  for (const table of WRITTEN) {
    const [rows] = await source.query<RowDataPacket[]>(`SELECT *, ${KEY[table]} AS row_key FROM \`${table}\``);
    const fresh = rows.filter((row) => !before.get(table)!.has(String(row['row_key'])));
    const columns = Object.keys(fresh[0] ?? {}).filter((name) => name !== 'row_key');
    const each = Math.ceil(fresh.length / pages.length);
    pages.forEach((page, index) => {
      const values = fresh.slice(index * each, (index + 1) * each).map((row) => columns.map((column) => row[column] as unknown));
      if (values.length > 0) page.push({ table, columns, values });
    });
  }
  return pages;
}

const secondsOf = async (run: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1_000;
};

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  const floor = await openBenchHouse('mysql'); // on the same server
  const [source, target] = [poolOf(house.where, 2), poolOf(floor.where, 2)];
  try {
    await perform(house.actor, upsertLegalEntity, { code: 'DE01', name: 'Bench GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [IBAN] });
    await makeCustomers(house, CUSTOMERS);
    const [ours, theirs]: [number[], number[]] = [[], []];
    const residentMib = () => Math.round(process.memoryUsage().rss / 1_048_576);
    const resident: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      await makeInvoices(house, round);
      const credits = Array.from({ length: CREDITS }, (_, n) => ({ amountMinor: OPEN_MINOR, payer: `Customer ${n % CUSTOMERS}`, text: `Payment of ${numberOf(round, n)}, thank you` }));
      const file = Buffer.from(camtStatement({ iban: IBAN, id: `S-${round}`, day: '2026-11-20', openingMinor: 0n }, credits));
      const before = await counts(source);
      const run = await secondsOf(async () => {
        const { applied, unmatched } = await importBankFile(house.actor, () => Readable.from(piecesOf(file)));
        if (applied !== CREDITS || unmatched !== 0) throw new Error(`${applied} of ${CREDITS} applied`);
      });
      resident.push(residentMib());
      const pages = await written(source, before);
      const bare = await secondsOf(async () => {
        for (const page of pages) await insertPage(target, page);
      });
      if (round === 0) continue; // to warm up
      ours.push(run);
      theirs.push(bare);
    }
    const total = (seconds: readonly number[]) => seconds.reduce((a, b) => a + b, 0);
    const perSecond = (seconds: readonly number[]) => Math.round((CREDITS * ROUNDS) / total(seconds));
    const ratio = Number((total(theirs) / total(ours)).toFixed(3));
    console.log(`a camt.053 of ${CREDITS} credits, ${ROUNDS} rounds that alternate with the floor`);
    console.log(`read, matched and applied ${perSecond(ours)} credits/s   resident MiB after each round: ${resident.join(' ')}   ${(house.counts.statements / house.counts.transactions).toFixed(1)} statements a transaction`);
    console.log(`bare multi-row inserts    ${perSecond(theirs)} credits/s   of the same rows in ${WRITTEN.length} tables`);
    console.log(JSON.stringify({ bench: 'cash', credits: CREDITS, ratio, perSecond: perSecond(ours), residentMib: resident }));
  } finally {
    await Promise.all([source.end(), target.end()]);
    await floor.close();
    await house.close(); // the server ends with it
  }
}

function* piecesOf(file: Buffer): Generator<Buffer> {
  for (let from = 0; from < file.length; from += 65_536) yield file.subarray(from, from + 65_536);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
