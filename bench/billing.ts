/**
 * A billing run over many contracts of five lines each, against the same rows inserted by bare multi-row SQL: as many contracts a transaction,
 * as many transactions at once. Rounds alternate; a round of the run bills one more month.
 */
import { performance } from 'node:perf_hooks';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { runBilling } from '../cli/bill';
import { perform } from '../subgraphs/act';
import { createContract } from '../subgraphs/contracts/commands/createContract';
import { upsertLegalEntity } from '../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import { multiplyContracts } from './harness/bulk';
import { poolOf } from './harness/databases';
import { type BenchHouse, makeCustomers, openBenchHouse, openPrivateHouse, TENANT } from './harness/house';
import { clients } from './harness/rounds';
import { insertPage, type Rows } from './harness/rowsWritten';

const CONTRACTS = Number(process.argv[2] ?? 2_000);
const ROUNDS = Number(process.argv[3] ?? 3);
const ENTITIES = Number(process.argv[4] ?? 1);
/** So many of the contracts are due; the others are there, for the growth of what a contract costs with all that there are. */
const DUE = Number(process.argv[5] ?? CONTRACTS);
const CUSTOMERS = 100;
const LINES = 5;
const PAGE_CONTRACTS = 100;
const AT_ONCE = 4;
const FIRST_MONTH = 1;

/** Table → how the rows of one round are told from the others. */
const WRITTEN: Record<string, string> = {
  invoice: 'invoice_date = :day',
  billed_item: 'document_date = :day',
  resource_version: 'resource_id IN (SELECT id FROM invoice WHERE invoice_date = :day)',
  change: "correlation_id = CONCAT('billing-run-', :day)",
  posting: "correlation_id = CONCAT('billing-run-', :day)",
  posting_dependency: "posting_id IN (SELECT id FROM posting WHERE correlation_id = CONCAT('billing-run-', :day))",
  audit_entry: "correlation_id = CONCAT('billing-run-', :day)",
};

const dayOfRound = (round: number) => `2026-${String(FIRST_MONTH + round).padStart(2, '0')}-01`;

async function makeContracts(house: BenchHouse): Promise<void> {
  const { actor, entityId, engine } = house;
  const entities = [entityId];
  for (let n = 2; n <= ENTITIES; n++) entities.push((await perform(actor, upsertLegalEntity, { code: `DE0${n}`, name: `Bench ${n}`, currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [] })).id);
  const customers = await makeCustomers(house, CUSTOMERS);
  const products: string[] = [];
  for (let n = 0; n < LINES; n++) {
    products.push((await perform(actor, upsertProduct, { key: `P${n}`, name: `Product ${n}`, revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' })).id);
  }
  const lines = products.map((productId, n) => ({ productId, quantity: String(n + 1), unitPrice: { amount: '19.90', currency: 'EUR' } }));
  const term = { startDate: '2026-01-01', endDate: '2026-12-31', billingFrom: dayOfRound(0), currency: 'EUR' };
  for (const [n, customerId] of customers.entries()) await perform(actor, createContract, { number: `C-${n}`, customerId, legalEntityId: entities[n % ENTITIES]!, lines, ...term });
  await engine.database.transaction((sql) => multiplyContracts(sql, TENANT, CONTRACTS / CUSTOMERS));
  if (DUE === CONTRACTS) return;
  await engine.database.transaction((sql) => sql.query(
    `UPDATE billing_cursor SET next_bill_on = '9999-12-31' WHERE tenant_id = ? AND contract_id NOT IN (SELECT contract_id FROM (SELECT contract_id FROM billing_cursor WHERE tenant_id = ? ORDER BY contract_id LIMIT ${DUE}) due)`,
    [TENANT, TENANT],
  ));
}

/** The rows that the run of a round wrote, cut into as many transactions as it took. */
async function written(source: Pool, day: string): Promise<Rows[]> {
  const pages = Math.ceil(DUE / PAGE_CONTRACTS);
  const cut: Rows[] = Array.from({ length: pages }, () => []);
  for (const [table, where] of Object.entries(WRITTEN)) {
    const params = Array<string>(where.split(':day').length - 1).fill(day);
    const [rows] = await source.query<RowDataPacket[]>(`SELECT * FROM \`${table}\` WHERE ${where.replaceAll(':day', '?')}`, params);
    const columns = Object.keys(rows[0] ?? {});
    const each = Math.ceil(rows.length / pages);
    cut.forEach((page, index) => {
      const values = rows.slice(index * each, (index + 1) * each).map((row) => columns.map((column) => row[column] as unknown));
      if (values.length > 0) page.push({ table, columns, values });
    });
  }
  return cut;
}

const secondsOf = async (run: () => Promise<void>) => {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1_000;
};

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  const floor = await openBenchHouse('mysql'); // on the same server
  const [source, target] = [poolOf(house.where, AT_ONCE), poolOf(floor.where, AT_ONCE)];
  try {
    await makeContracts(house);
    const residentMib = () => Math.round(process.memoryUsage().rss / 1_048_576);
    const [ours, theirs]: [number[], number[]] = [[], []];
    const resident = [residentMib()];
    for (let round = 0; round <= ROUNDS; round++) {
      const day = dayOfRound(round);
      const run = await secondsOf(async () => {
        const { contracts, invoices, failures } = await runBilling(house.engine, TENANT, { upTo: day, contractsMax: PAGE_CONTRACTS, dryRun: false });
        if (contracts !== DUE || invoices !== DUE || failures.length > 0) throw new Error(`${invoices} invoices of ${contracts} contracts`);
      });
      resident.push(residentMib());
      const pages = await written(source, day);
      const bare = await secondsOf(() => clients(AT_ONCE, pages.length, (index) => insertPage(target, pages[index]!)));
      if (round === 0) continue; // to warm up
      ours.push(run);
      theirs.push(bare);
    }
    const total = (seconds: number[]) => seconds.reduce((a, b) => a + b, 0);
    const ratio = total(theirs) / total(ours);
    const perSecond = (seconds: number[]) => Math.round((DUE * ROUNDS) / total(seconds));
    const { transactions, statements } = house.counts;
    console.log(`${DUE} of ${CONTRACTS} contracts of ${LINES} lines in ${ENTITIES} legal entities, ${ROUNDS} rounds of a month each that alternate with the floor`);
    console.log(`billing run            ${perSecond(ours)} invoices/s   resident MiB before and after each round: ${resident.join(' ')}   ${(statements / transactions).toFixed(1)} statements a transaction`);
    console.log(`bare multi-row inserts ${perSecond(theirs)} invoices/s   of the same rows in ${Object.keys(WRITTEN).length} tables`);
    console.log(JSON.stringify({ bench: 'billing', contracts: CONTRACTS, due: DUE, legalEntities: ENTITIES, ratio: Number(ratio.toFixed(3)), perSecond: perSecond(ours), residentMib: resident }));
  } finally {
    await Promise.all([source.end(), target.end()]);
    await floor.close();
    await house.close(); // the server ends with it
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
