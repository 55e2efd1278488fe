/**
 * What it costs to claim twenty lanes and load what they have to send, by how many postings wait; and the memory of a runner's process
 * that has a million of them before it.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { channelsOf } from '../sync/channels';
import { type ClaimedLane, claimLanes } from '../sync/claims';
import { systemClock } from '../sync/clock';
import { loadLanes } from '../sync/pages';
import { cpuMsOfServer } from './harness/cpu';
import { type BenchHouse, makeCustomers, openPrivateHouse, TENANT } from './harness/house';
import { connectorsThat, drained, postingProcess, queuePayments, serverPid } from './harness/postings';
import { quantile, timed } from './harness/rounds';
import { type RunnerFigures, startRunner } from './harness/runnerProcess';

const WAITING_MAX = Number(process.argv[2] ?? 1_000_000);
const SIZES = [1_000, 10_000, 100_000, 1_000_000].filter((size) => size <= WAITING_MAX);
const CUSTOMERS = 100;
/** Postings of each lane. */
const PER_LANE = 20;
const LANES_PER_CLAIM = 20;
const CLAIMS = 100;
const WARM_UP_CLAIMS = 10;
const BACKENDS_EACH = 2;
const SLOW_MS = 250;
const QUEUED_AT_ONCE = 10_000;
const RUNNER_MS = 20_000;

interface Figure {
  waiting: number;
  p50Ms: number;
  p99Ms: number;
  cpuMs: number;
  serverCpuMs: number;
}

/** Queues until so many postings wait, twenty in each lane; says how far it is, for it takes minutes. */
async function fill(house: BenchHouse, customers: readonly string[], { from, to }: { from: number; to: number }): Promise<void> {
  for (let queued = from; queued < to; ) {
    const count = Math.min(QUEUED_AT_ONCE, to - queued) / BACKENDS_EACH;
    await queuePayments(house, customers, { from: queued / BACKENDS_EACH, count, lanes: count / PER_LANE, firstLane: queued / BACKENDS_EACH / PER_LANE });
    queued += count * BACKENDS_EACH;
    process.stderr.write(`\r${queued.toLocaleString('en')} of ${WAITING_MAX.toLocaleString('en')} postings wait `);
  }
  process.stderr.write('\n');
}

/** One claim as a runner makes it; nothing is sent. */
async function claim({ engine }: BenchHouse): Promise<{ lanes: ClaimedLane[]; postings: number }> {
  const { database } = engine;
  const nowMs = systemClock.nowMs();
  const channels = (await channelsOf(database.reads, 'erp')).filter(({ dueMs }) => dueMs <= nowMs);
  const wanted = channels.map((channel) => ({ channel, lanes: LANES_PER_CLAIM / channels.length }));
  return database.transaction(async (sql) => {
    const { lanes } = await claimLanes(sql, { owner: 'bench', nowMs, leaseMs: 30_000, probeMs: 20_000, wanted });
    return { lanes, postings: (await loadLanes(sql, lanes)).flat().length };
  });
}

async function giveBack({ engine }: BenchHouse, lanes: readonly ClaimedLane[]): Promise<void> {
  const text = `UPDATE lane SET owner = NULL, due_at_ms = ? WHERE tenant_id = ? AND id IN (${lanes.map(() => '?').join(', ')})`;
  await engine.database.transaction((sql) => sql.query(text, [systemClock.nowMs(), TENANT, ...lanes.map(({ id }) => id)]));
}

async function measure(house: BenchHouse, waiting: number): Promise<Figure> {
  const pid = await serverPid(house);
  const times: number[] = [];
  const once = async () => {
    const start = performance.now();
    const { lanes, postings } = await claim(house);
    times.push(performance.now() - start);
    if (postings !== LANES_PER_CLAIM * PER_LANE) throw new Error(`${postings} postings in ${lanes.length} lanes were claimed`);
    await giveBack(house, lanes);
  };
  for (let n = 0; n < WARM_UP_CLAIMS; n++) await once();
  times.length = 0;
  const before = pid === undefined ? NaN : cpuMsOfServer(pid);
  const { cpuMs } = await timed(CLAIMS, async () => {
    for (let n = 0; n < CLAIMS; n++) await once();
  });
  const serverCpuMs = pid === undefined ? NaN : cpuMsOfServer(pid) - before;
  return { waiting, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), cpuMs: cpuMs / CLAIMS, serverCpuMs: serverCpuMs / CLAIMS };
}

/** The most a runner's process held while it worked off a slow backend's queue, and what it got done. */
async function memory(house: BenchHouse): Promise<RunnerFigures> {
  const runner = await startRunner({ where: house.where, latencyMs: SLOW_MS, tellsCalls: false });
  await runner.go();
  await sleep(RUNNER_MS);
  const figures = await runner.figures();
  await runner.stop();
  return figures;
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  try {
    const customers = await makeCustomers(house, CUSTOMERS);
    const posting = postingProcess(house, connectorsThat(() => undefined));
    await posting.start();
    await drained(house);
    await posting.stop();
    const figures: Figure[] = [];
    for (const [index, waiting] of SIZES.entries()) {
      await fill(house, customers, { from: SIZES[index - 1] ?? 0, to: waiting });
      figures.push(await measure(house, waiting));
      print(figures.at(-1)!);
    }
    const { rssMaxMib, calls } = await memory(house);
    const posted = Object.values(calls).reduce((sum, each) => sum + each, 0);
    console.log(`a runner before ${SIZES.at(-1)!.toLocaleString('en')} waiting and a backend of ${SLOW_MS} ms: at most ${rssMaxMib.toFixed(0)} MiB resident in ${RUNNER_MS / 1_000} s, ${posted} calls`);
    const growth = +(figures.at(-1)!.p50Ms / figures[0]!.p50Ms).toFixed(2);
    console.log(JSON.stringify({ bench: 'claims', waiting: SIZES.at(-1), growth, p50Ms: figures.map(({ p50Ms }) => +p50Ms.toFixed(1)), rssMaxMib: Math.round(rssMaxMib) }));
  } finally {
    await house.close();
  }
}

function print({ waiting, p50Ms, p99Ms, cpuMs, serverCpuMs }: Figure): void {
  const count = waiting.toLocaleString('en').padStart(9);
  console.log(`${count} waiting: claim and load of ${LANES_PER_CLAIM} lanes p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; with giving back, CPU ${cpuMs.toFixed(1)} ms here, ${serverCpuMs.toFixed(1)} ms of MariaDB`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
