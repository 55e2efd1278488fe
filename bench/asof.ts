/** What it costs to ask for a contract as it was at some instant, against the latest version, of a contract with many versions. */
import { performance } from 'node:perf_hooks';
import { parse } from 'graphql';
import { contextOf } from '../gateway/context';
import type { Execution } from '../gateway/execution';
import { perform } from '../subgraphs/act';
import { amendContract } from '../subgraphs/contracts/commands/amendContract';
import { createContract } from '../subgraphs/contracts/commands/createContract';
import { upsertProduct } from '../subgraphs/customers/commands/upsertProduct';
import type { DatabaseKind } from './harness/databases';
import { type BenchHouse, makeCustomers, openBenchHouse, openExecution } from './harness/house';
import { median, quantile } from './harness/rounds';

const VERSIONS = Number(process.argv[2] ?? 1_000);
const ROUNDS = 5;
const ASKED_PER_ROUND = 200;
const FIELDS = 'id version number state endDate lines { productKey quantity unitPrice { amount } }';
const LATEST = parse(`query($id: ID!) { contract(id: $id) { ${FIELDS} } }`);
const AS_OF = parse(`query($id: ID!, $asOf: DateTimeISO!) { contract(id: $id, asOf: $asOf) { ${FIELDS} } }`);

interface Made {
  id: string;
  /** When each version was recorded. */
  recordedMs: number[];
}

async function makeVersions({ actor, entityId }: BenchHouse, customerId: string): Promise<Made> {
  const price = { amount: '49.00', currency: 'EUR' };
  const product = await perform(actor, upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
  const lines = (count: number) => [{ productId: product.id, quantity: String(count), unitPrice: price }];
  const first = await perform(actor, createContract, {
    number: 'C-1', customerId, legalEntityId: entityId, startDate: '2026-01-01', endDate: '2030-12-31', currency: 'EUR', lines: lines(1),
  });
  const recordedMs = [first.updatedAtMs];
  for (let version = 2; version <= VERSIONS; version++) {
    const amended = await perform(actor, amendContract, { contractId: first.id, reason: `Version ${version}`, effectiveDate: '2026-06-01', lines: lines(version) });
    recordedMs.push(amended.updatedAtMs);
  }
  return { id: first.id, recordedMs };
}

/** Milliseconds of each of many questions, one after the other. */
async function ask(house: BenchHouse, execution: Execution, { document, variables }: { document: ReturnType<typeof parse>; variables: (n: number) => object }): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < ASKED_PER_ROUND; n++) {
    const start = performance.now();
    const contextValue = contextOf(house.engine, { principal: house.actor.principal, correlationId: 'bench', idempotencyKey: undefined });
    const { data, errors } = await execution.execute({ document, variableValues: { ...variables(n) }, contextValue });
    times.push(performance.now() - start);
    if (errors || !(data as { contract: unknown }).contract) throw errors?.[0] ?? new Error('no contract');
  }
  return times;
}

async function measure(database: DatabaseKind, execution: Execution) {
  const house = await openBenchHouse(database);
  try {
    const [customerId] = await makeCustomers(house, 1);
    const { id, recordedMs } = await makeVersions(house, customerId!);
    const [latest, asOf]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      const one = await ask(house, execution, { document: LATEST, variables: () => ({ id }) });
      const other = await ask(house, execution, { document: AS_OF, variables: (n) => ({ id, asOf: new Date(recordedMs[(n * 7_919) % recordedMs.length]!).toISOString() }) });
      if (round === 0) continue; // to warm up
      latest.push(...one);
      asOf.push(...other);
    }
    return { database, latestMs: median(latest), asOfMs: median(asOf), latestP99Ms: quantile(latest, 0.99), asOfP99Ms: quantile(asOf, 0.99), ratio: Number((median(asOf) / median(latest)).toFixed(3)) };
  } finally {
    await house.close();
  }
}

async function main(): Promise<void> {
  const execution = await openExecution();
  const figures = [await measure('sqlite', execution), await measure('mysql', execution)];
  console.log(`a contract of ${VERSIONS} versions, ${ROUNDS} rounds of ${ASKED_PER_ROUND} questions each way that alternate; milliseconds`);
  for (const { database, latestMs, asOfMs, latestP99Ms, asOfP99Ms, ratio } of figures) {
    const cell = (ms: number) => ms.toFixed(2).padStart(7);
    console.log(`${database.padEnd(7)} latest p50 ${cell(latestMs)} p99 ${cell(latestP99Ms)}   as of p50 ${cell(asOfMs)} p99 ${cell(asOfP99Ms)}   ratio ${ratio}`);
  }
  console.log(`${JSON.stringify({ bench: 'asof', versions: VERSIONS, sqlite: figures[0]!.ratio, mysql: figures[1]!.ratio })}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
