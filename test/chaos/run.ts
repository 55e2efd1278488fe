import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSandbox } from '../../connectors/sandbox/spawn';
import { ensureTenant } from '../../cli/tenants';
import type { Customer } from '../../entities/customers/Customer';
import { openDatabase } from '../../entities/database';
import { type Actor, perform } from '../../subgraphs/act';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine, type Engine } from '../../subgraphs/engine';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { systemClock } from '../../sync/clock';
import { BACKENDS } from '../../sync/documents';
import { freshDatabase } from '../harness/databases';
import { until } from '../harness/until';
import { Fleet } from './fleet';

const KILLS = Number(process.argv[2] ?? 100);
const BILLS = Number(process.argv[3] ?? 1_667);
const CUSTOMERS = 100;
const CLIENTS = 8;
const KILL_EVERY_MS = 700;
const LEASE_MS = 3_000;
const DRAIN_MS_MAX = 60_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Accepts bills with their payments, six postings each, from several clients at once. */
async function load(engine: Engine): Promise<number> {
  const actor: Actor = { engine, principal: { tenantId: 'chaos', client: 'load', role: 'finance' }, correlationId: 'chaos' };
  const entity = await perform(actor, upsertLegalEntity, { code: 'C1', name: 'Chaos', currency: 'EUR', timeZone: 'UTC', booksFrom: '2025-01-01', bankAccounts: [] });
  const product = await perform(actor, upsertProduct, { key: 'P', name: 'P', revenueAccount: '4000', taxCode: 'V', taxRatePercent: '20' });
  const customers: Customer[] = [];
  for (let index = 0; index < CUSTOMERS; index++) {
    customers.push(await perform(actor, upsertCustomer, { system: 'crm', key: `K${index}`, name: `Customer ${index}`, currency: 'EUR' }));
  }
  let next = 0;
  const client = async () => {
    for (let index = next++; index < BILLS; index = next++) {
      const lines = [{ productId: product.id, quantity: '1', unitPrice: { amount: '10.00', currency: 'EUR' } }];
      const party = { customerId: customers[index % CUSTOMERS]!.id, legalEntityId: entity.id };
      const invoice = await perform(actor, issueInvoice, { reference: `I${index}`, ...party, invoiceDate: '2026-11-01', lines });
      await perform(actor, recordPayment, { reference: `P${index}`, ...party, amount: { amount: '12.00', currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }] });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return BILLS * 6 + CUSTOMERS * 3;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-chaos-'));
  const database = await freshDatabase('mysql');
  const sandbox = await spawnSandbox({ folder, clock: systemClock });
  const connectors = join(folder, 'connectors.json');
  writeFileSync(connectors, JSON.stringify(Object.fromEntries(BACKENDS.map((backend) => [backend, { connector: 'sandbox', url: sandbox.url }]))));
  const store = await openDatabase(database.where);
  const engine = createEngine(store, systemClock, DOMAINS);
  await ensureTenant(engine, { tenantId: 'chaos', name: 'Chaos', secret: 'chaos' });
  const env = { DATABASE_URL: database.where, EVENKEEL_MODE: 'live', EVENKEEL_CONNECTORS: connectors, EVENKEEL_LEASE_MS: String(LEASE_MS), EVENKEEL_LOG: 'error' };
  const fleet = new Fleet(env, 3);
  try {
    fleet.start();
    const loaded = load(engine);
    const open = async () => Number((await store.reads.query("SELECT COUNT(*) AS n FROM posting WHERE state NOT IN ('POSTED', 'SUPERSEDED')"))[0]!.n);
    while (fleet.kills < KILLS) {
      await systemClock.wait(KILL_EVERY_MS);
      fleet.kill();
      if (fleet.kills % 10 === 0) void fleet.freeze(LEASE_MS * 1.5);
      if (fleet.kills % 10 === 0) say(`${fleet.kills} kills, ${fleet.stops} freezes, ${await open()} postings open`);
    }
    const expected = await loaded;
    const startMs = systemClock.nowMs();
    await until('everything drained', async () => (await open()) === 0, DRAIN_MS_MAX);
    const drainedMs = systemClock.nowMs() - startMs;
    const doubles: string[] = [];
    let booked = 0;
    for (const backend of BACKENDS) {
      const list = async (path: string) => ((await (await fetch(`${sandbox.url}/${backend}/documents?tenant=chaos${path}`)).json()) as { rows: { externalId: string }[]; next: number | null });
      doubles.push(...(await list('&doubles=1')).rows.map((row) => `${backend} ${row.externalId}`));
      for (let after: number | null = 0; after !== null; ) {
        const page: { rows: unknown[]; next: number | null } = await list(`&after=${after}`);
        booked += page.rows.length;
        after = page.next;
      }
    }
    say(`${expected} postings, ${booked} documents in the books, ${doubles.length} doubled, drained ${drainedMs} ms after the last kill`);
    say(JSON.stringify({ ok: doubles.length === 0 && booked === expected, kills: fleet.kills, freezes: fleet.stops, postings: expected, booked, doubled: doubles.length, drainedMs }));
    if (doubles.length > 0 || booked !== expected) process.exitCode = 1;
  } finally {
    await fleet.close();
    await store.close();
    await sandbox.stop();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
