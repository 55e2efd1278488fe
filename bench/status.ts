/** Statements and time of the unified status of 50 customers and of the sync state of each of their invoices, by how many there are. */
import { performance } from 'node:perf_hooks';
import { parse } from 'graphql';
import { contextOf } from '../gateway/context';
import type { Execution } from '../gateway/execution';
import { perform } from '../subgraphs/act';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import { issueInvoice } from '../subgraphs/invoices/commands/issueInvoice';
import { multiplyInvoices, STATUS_PAGE } from './harness/bulk';
import type { DatabaseKind } from './harness/databases';
import { type BenchHouse, makeCustomers, openBenchHouse, openExecution, TENANT } from './harness/house';
import { median } from './harness/rounds';

const CUSTOMERS = 50;
const SIZES = [1, 10, 100];
const RUNS = 9;

/** The balances alone: what a list of customers shows. */
const BALANCES = `query { customers(first: 50) { nodes { id name financialStatus { state dunningStage balances { currency open { amount } overdue { amount } } } sync { state } } } }`;

interface Figure {
  database: DatabaseKind;
  invoices: number;
  what: 'customers' | 'customers and invoices';
  statements: number;
  ms: number;
}

async function issueOneEach(house: BenchHouse): Promise<void> {
  const { actor, entityId } = house;
  const product = await perform(actor, upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
  for (const customerId of await makeCustomers(house, CUSTOMERS)) {
    const lines = [{ productId: product.id, quantity: '1', unitPrice: { amount: '100.00', currency: 'EUR' } }];
    await perform(actor, issueInvoice, { reference: `R-${customerId}`, customerId, legalEntityId: entityId, invoiceDate: '2026-11-01', lines });
  }
}

async function ask(house: BenchHouse, execution: Execution, { query, invoices }: { query: string; invoices: number }): Promise<{ statements: number; ms: number }> {
  const { reads } = house.engine.database;
  const times: number[] = [];
  let statements = 0;
  for (let run = 0; run < RUNS; run++) {
    const before = reads.statements;
    const start = performance.now();
    const contextValue = contextOf(house.engine, { principal: house.actor.principal, correlationId: 'bench', idempotencyKey: undefined });
    const { data, errors } = await execution.execute({ document: parse(query), variableValues: { invoices }, contextValue });
    times.push(performance.now() - start);
    if (errors) throw errors[0]!;
    const { nodes } = (data as { customers: { nodes: { invoices?: unknown[] }[] } }).customers;
    if (nodes.length !== CUSTOMERS || nodes.some((node) => node.invoices && node.invoices.length !== invoices)) throw new Error('not the whole page');
    statements = reads.statements - before;
  }
  return { statements, ms: median(times) };
}

async function measure(database: DatabaseKind, execution: Execution): Promise<Figure[]> {
  const house = await openBenchHouse(database);
  const figures: Figure[] = [];
  try {
    await issueOneEach(house);
    for (const [index, invoices] of SIZES.entries()) {
      if (index > 0) await house.engine.database.transaction((sql) => grow(sql, invoices / SIZES[index - 1]!));
      figures.push({ database, invoices, what: 'customers', ...(await ask(house, execution, { query: BALANCES, invoices })) });
      figures.push({ database, invoices, what: 'customers and invoices', ...(await ask(house, execution, { query: STATUS_PAGE, invoices })) });
    }
  } finally {
    await house.close();
  }
  return figures;
}

const grow = (sql: Parameters<typeof multiplyInvoices>[0], times: number) => multiplyInvoices(sql, TENANT, times);

async function main(): Promise<void> {
  const execution = await openExecution();
  const figures = [...(await measure('sqlite', execution)), ...(await measure('mysql', execution))];
  console.log(`a page of ${CUSTOMERS} customers, median of ${RUNS}`);
  for (const { database, invoices, what, statements, ms } of figures) {
    console.log(`${database.padEnd(7)} ${what.padEnd(23)} ${String(invoices).padStart(4)} invoices each ${String(statements).padStart(4)} statements ${ms.toFixed(1).padStart(8)} ms`);
  }
  const growth = Object.fromEntries(
    (['customers', 'customers and invoices'] as const).map((what) => {
      const counts = figures.filter((figure) => figure.what === what).map((figure) => figure.statements);
      return [what, Math.max(...counts) / Math.min(...counts)];
    }),
  );
  const of = (what: Figure['what'], database: DatabaseKind) => figures.findLast((figure) => figure.what === what && figure.database === database)!;
  console.log(JSON.stringify({
    bench: 'status', growthCustomers: growth.customers, growthInvoices: growth['customers and invoices'],
    statementsCustomers: of('customers', 'mysql').statements, statementsInvoices: of('customers and invoices', 'mysql').statements,
    msCustomersSqlite: +of('customers', 'sqlite').ms.toFixed(1), msCustomersMysql: +of('customers', 'mysql').ms.toFixed(1),
  }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
