/**
 * Usage taken in against the same rows by bare multi-row inserts that pass over what is there, as many events a transaction and as many transactions at once;
 * then so many events counted in the database. Rounds alternate.
 */
import { performance } from 'node:perf_hooks';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { Contract } from '../entities/contracts/Contract';
import { LegalEntity } from '../entities/customers/LegalEntity';
import { type Meter, MeterAggregation } from '../entities/invoices/Meter';
import { selectRows } from '../entities/rows';
import { RatingModel } from '../entities/terms/rating';
import { perform } from '../subgraphs/act';
import { createContract } from '../subgraphs/contracts/commands/createContract';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import { recordUsage } from '../subgraphs/invoices/commands/recordUsage';
import { upsertMeter } from '../subgraphs/invoices/commands/upsertMeter';
import { countEvents } from '../subgraphs/invoices/queries/countEvents';
import { poolOf } from './harness/databases';
import { type BenchHouse, makeCustomers, openBenchHouse, openPrivateHouse, TENANT } from './harness/house';
import { clients } from './harness/rounds';

const EVENTS = Number(process.argv[2] ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const COUNTED = Number(process.argv[4] ?? 0);
const CONTRACTS = 200;
const BATCH_EVENTS = 1_000;
const AT_ONCE = 4;
const MONTH_MS = 30 * 86_400_000;

async function makeUsage(house: BenchHouse): Promise<Meter> {
  const { actor, entityId } = house;
  const meter = await perform(actor, upsertMeter, { key: 'calls', name: 'Calls', unit: 'calls', aggregation: MeterAggregation.SUM });
  const product = await perform(actor, upsertProduct, { key: 'CALLS', name: 'Calls', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
  const lines = [{ productId: product.id, quantity: '1', usage: { meterId: meter.id, model: RatingModel.PER_UNIT, tiers: [{ unitPrice: '0.001' }] } }];
  const customers = await makeCustomers(house, CONTRACTS);
  const today = new Date(house.engine.clock.nowMs());
  const term = { startDate: `${today.getUTCFullYear() - 1}-01-01`, endDate: `${today.getUTCFullYear() + 1}-12-31`, billingFrom: `${today.getUTCFullYear()}-01-01`, currency: 'EUR' };
  for (const [n, customerId] of customers.entries()) await perform(actor, createContract, { number: `C-${n}`, customerId, legalEntityId: entityId, lines, ...term });
  return meter;
}

/** Events of the last days, spread over the contracts; one in a hundred is sent twice. */
function batch(nowMs: number, place: number) {
  return Array.from({ length: BATCH_EVENTS }, (_, index) => {
    const n = place * BATCH_EVENTS + (index % 100 === 99 ? index - 1 : index);
    return { source: 'https://app.example/calls', id: `event-${n}`, type: 'calls', subject: `C-${n % CONTRACTS}`, time: new Date(nowMs - ((n * 7_919) % 86_400_000)).toISOString(), value: String(1 + (n % 50)) };
  });
}

async function copy(source: Pool, target: Pool, { known, batches }: { known: number; batches: number }): Promise<number> {
  const [rows] = await source.query<RowDataPacket[]>('SELECT * FROM usage_event ORDER BY batch_id LIMIT ? OFFSET ?', [EVENTS, known]);
  const columns = Object.keys(rows[0]!);
  const values = rows.map((row) => columns.map((column) => row[column] as unknown));
  const each = Math.ceil(values.length / batches);
  const start = performance.now();
  await clients(AT_ONCE, batches, async (index) => {
    const connection = await target.getConnection();
    await connection.query('START TRANSACTION');
    await connection.query(`INSERT IGNORE INTO usage_event (${columns.join(', ')}) VALUES ?`, [values.slice(index * each, (index + 1) * each)]);
    await connection.query('COMMIT');
    connection.release();
  });
  return performance.now() - start;
}

/** Makes events out of events until there are so many, without loading any. */
async function multiply(source: Pool, wanted: number): Promise<void> {
  for (let round = 0; ; round++) {
    const [[row]] = await source.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM usage_event');
    const missing = wanted - Number(row!['n']);
    if (missing <= 0) return;
    await source.query(
      `INSERT INTO usage_event (tenant_id, event_key, contract_id, meter_id, on_day, at_ms, quantity, thing, source, event_id, batch_id, cancelled_at_ms, cancelled_reason)
       SELECT tenant_id, MD5(CONCAT(event_key, ?)), contract_id, meter_id, on_day, at_ms, quantity, thing, source, CONCAT(event_id, ?), batch_id, NULL, NULL FROM usage_event LIMIT ?`,
      [String(round), `.${round}`, Math.min(missing, 200_000)],
    );
    process.stderr.write(`\r${wanted - missing} of ${wanted} events`);
  }
}

async function countAll(house: BenchHouse, meter: Meter): Promise<{ seconds: number; events: number; growthMib: number }> {
  const { reads } = house.engine.database;
  const [contracts, [entity]] = [await selectRows(reads, Contract, { where: { tenantId: TENANT } }), await selectRows(reads, LegalEntity, { where: { tenantId: TENANT } })];
  const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
  const nowMs = house.engine.clock.nowMs();
  const span = { from: day(nowMs - MONTH_MS), until: day(nowMs + 86_400_000) };
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const counted = await countEvents(reads, TENANT, contracts.map(({ id }) => ({ contractId: id, meter, timeZone: entity!.timeZone, ...span })));
  const seconds = (performance.now() - start) / 1_000;
  return { seconds, events: counted.reduce((all, { events }) => all + events, 0), growthMib: Math.round((process.memoryUsage().rss - before) / 1_048_576) };
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  const floor = await openBenchHouse('mysql'); // on the same server
  const [source, target] = [poolOf(house.where, AT_ONCE), poolOf(floor.where, AT_ONCE)];
  try {
    const meter = await makeUsage(house);
    const batches = EVENTS / BATCH_EVENTS;
    let [ours, theirs, known] = [0, 0, 0];
    for (let round = 0; round <= ROUNDS; round++) {
      const events = Array.from({ length: batches }, (_, index) => batch(house.engine.clock.nowMs(), round * batches + index));
      const start = performance.now();
      let accepted = 0;
      await clients(AT_ONCE, batches, async (index) => {
        const done = await perform(house.actor, recordUsage, { events: events[index]! });
        accepted += done.accepted;
      });
      const [run, bare] = [performance.now() - start, await copy(source, target, { known, batches })];
      if (accepted !== EVENTS * 0.99) throw new Error(`${accepted} of ${EVENTS} events were new`);
      known += accepted;
      if (round === 0) continue; // to warm up
      ours += run;
      theirs += bare;
    }
    const perSecond = (ms: number) => Math.round((EVENTS * ROUNDS * 1_000) / ms);
    console.log(`${EVENTS} events a round in batches of ${BATCH_EVENTS}, ${ROUNDS} rounds that alternate, ${AT_ONCE} batches at once, ${CONTRACTS} contracts`);
    console.log(`recordUsage            ${perSecond(ours)} events/s, one in a hundred a duplicate`);
    console.log(`bare multi-row inserts ${perSecond(theirs)} events/s of the same rows`);
    await multiply(source, COUNTED);
    const { seconds, events, growthMib } = await countAll(house, meter);
    console.log(`counted ${events} events of ${CONTRACTS} contracts in ${seconds.toFixed(2)} s, memory grew by ${growthMib} MiB`);
    console.log(JSON.stringify({ bench: 'usage', ratio: Number((theirs / ours).toFixed(3)), perSecond: perSecond(ours), counted: events, countedPerSecond: Math.round(events / seconds), growthMib }));
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
