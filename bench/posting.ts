/**
 * Postings per second, end to end, through the runner and a backend that answers at once: each writes its result and a change that gets its
 * place in the log. Against queues that only move a job of the same bytes, as durably. Rounds alternate; jobs wait before a round begins.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { cpuMsOfServer } from './harness/cpu';
import { type BenchHouse, makeCustomers, openPrivateHouse } from './harness/house';
import { connectorsThat, drained, mustHaveTold, postingProcess, queuePayments, serverPid, waitingDocuments } from './harness/postings';
import { type Round, timed, total } from './harness/rounds';
import { type Server, startPostgres, startRedis } from './harness/servers';
import { bullMq } from './peers/bullmq';
import { graphileWorker } from './peers/graphile';
import { installPeers, type Peer } from './peers/peer';
import { pgBoss } from './peers/pgboss';

const JOBS = Number(process.argv[2] ?? 6_000);
const ROUNDS = Number(process.argv[3] ?? 3);
/** `alone`: no peers, as when the runner is to be profiled. */
const ALONE = process.argv[4] === 'alone';
const CUSTOMERS = 500;
/** What the runner has in flight at most, over its backends; and the peers. */
const CONCURRENCY = 32;
const PG_BOSS_FETCHERS = 2;
const PG_BOSS_WAITING = 1_000;
const LATENCY_MS = 50;
const WARM_UP_MS = 1_000;
const WINDOW_MS = 8_000;

interface Measured {
  name: string;
  settings: string;
  rounds: (Round & { serverCpuMs: number })[];
}

/** One round, with the CPU time its server took. */
async function measure(jobs: number, pid: number | undefined, work: () => Promise<void>): Promise<Round & { serverCpuMs: number }> {
  const before = pid === undefined ? 0 : cpuMsOfServer(pid);
  const round = await timed(jobs, work);
  return { ...round, serverCpuMs: pid === undefined ? NaN : cpuMsOfServer(pid) - before };
}

async function ourRound(house: BenchHouse, jobs: number): Promise<void> {
  let calls = 0;
  let called: () => void;
  const all = new Promise<void>((resolve) => (called = resolve));
  const posting = postingProcess(house, connectorsThat(() => void (++calls === jobs && called())));
  await posting.start();
  await all;
  await drained(house);
  await posting.stop();
  if (calls !== jobs) throw new Error(`${calls} calls for ${jobs} postings`);
}

async function peerRound(peer: Peer, payloads: readonly string[]): Promise<Measured['rounds']> {
  const rounds: Measured['rounds'] = [];
  const { waitingMax: size = payloads.length } = peer;
  for (let from = 0; from < payloads.length; from += size) {
    const portion = payloads.slice(from, from + size);
    await peer.add(portion);
    let calls = 0;
    rounds.push(await measure(portion.length, peer.serverPid, () => peer.work(portion.length, async () => void calls++)));
    if (calls !== portion.length) throw new Error(`${peer.name}: ${calls} calls for ${portion.length} jobs`);
  }
  return rounds;
}

async function openPeers(): Promise<{ peers: Peer[]; servers: Server[] }> {
  installPeers();
  const servers: Server[] = [];
  const peers: Peer[] = [];
  const postgres = await startPostgres();
  if (!postgres) console.log('PostgreSQL is not installed: no graphile-worker and no pg-boss');
  else {
    servers.push(postgres);
    peers.push(await graphileWorker(postgres, { concurrency: CONCURRENCY, batched: false }));
    peers.push(await graphileWorker(postgres, { concurrency: CONCURRENCY, batched: true }));
    peers.push(await pgBoss(postgres, { fetchers: PG_BOSS_FETCHERS, waitingMax: PG_BOSS_WAITING }));
    peers.push(await pgBoss(postgres, { fetchers: PG_BOSS_FETCHERS }));
  }
  for (const appendfsync of ['always', 'everysec'] as const) {
    const redis = await startRedis(appendfsync);
    if (!redis && appendfsync === 'always') console.log('redis-server is not installed: no BullMQ');
    if (!redis) continue;
    servers.push(redis);
    peers.push(bullMq(redis, { concurrency: CONCURRENCY, appendfsync }));
  }
  return { peers, servers };
}

/** The share of the calls that may be in flight which are, while there is more to do than may be in flight. */
async function shareOfLimit(house: BenchHouse, customers: string[], from: number): Promise<number> {
  const count = Math.ceil(((CONCURRENCY * (WARM_UP_MS + WINDOW_MS)) / LATENCY_MS) * 1.5 / 2);
  await queuePayments(house, customers, { from, count });
  let window = { from: Infinity, to: Infinity };
  let busyMs = 0;
  const posting = postingProcess(house, connectorsThat(async () => {
    const begun = performance.now();
    await sleep(LATENCY_MS);
    busyMs += Math.max(0, Math.min(performance.now(), window.to) - Math.max(begun, window.from));
  }));
  await posting.start();
  await sleep(WARM_UP_MS);
  window = { from: performance.now(), to: performance.now() + WINDOW_MS };
  await sleep(WINDOW_MS + LATENCY_MS);
  await posting.stop();
  return busyMs / (CONCURRENCY * WINDOW_MS);
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  const [durability] = await house.engine.database.reads.query<{ flush: unknown }>('SELECT @@innodb_flush_log_at_trx_commit AS flush');
  if (Number(durability!.flush) !== 1) throw new Error('MariaDB does not flush at each commit');
  const { peers, servers } = ALONE ? { peers: [], servers: [] } : await openPeers();
  try {
    await compare(house, peers);
  } finally {
    for (const each of [...peers, house]) await each.close();
    for (const server of servers) await server.stop();
  }
}

async function compare(house: BenchHouse, peers: Peer[]): Promise<void> {
  const pid = await serverPid(house);
  const customers = await makeCustomers(house, CUSTOMERS);
  await ourRound(house, CUSTOMERS * 3);
  const ours: Measured = { name: 'Evenkeel, result and change', settings: `${CONCURRENCY} in flight, ${CUSTOMERS} customers, sequencer at work`, rounds: [] };
  const measured: Measured[] = [ours, ...peers.map(({ name, settings }) => ({ name, settings, rounds: [] }))];
  for (let round = 0; round <= ROUNDS; round++) {
    if (round === 1) for (const { rounds } of measured) rounds.length = 0; // the first round only warms up
    const jobs = round === 0 ? JOBS / 4 : JOBS;
    await queuePayments(house, customers, { from: (round * JOBS) / 2, count: jobs / 2 });
    const payloads = await waitingDocuments(house);
    ours.rounds.push(await measure(jobs, pid, () => ourRound(house, jobs)));
    await mustHaveTold(house);
    for (const [index, peer] of peers.entries()) measured[index + 1]!.rounds.push(...(await peerRound(peer, payloads)));
  }
  const share = await shareOfLimit(house, customers, ((ROUNDS + 1) * JOBS) / 2);
  report(measured, share);
}

function report(measured: Measured[], share: number): void {
  const rates = measured.map(({ rounds }) => total(rounds));
  console.log(`${ROUNDS} rounds of ${JOBS} jobs after one to warm up; ratio: postings of ours to jobs of theirs`);
  for (const [index, { name, settings, rounds }] of measured.entries()) {
    const { perSecond, cpuMsEach } = rates[index]!;
    const serverMs = rounds.reduce((sum, round) => sum + round.serverCpuMs, 0) / (ROUNDS * JOBS);
    console.log(`${name.padEnd(32)} ${perSecond.toFixed(0).padStart(6)} /s ${cpuMsEach.toFixed(3).padStart(7)} ms CPU ${serverMs.toFixed(3).padStart(7)} ms CPU of its server ${(rates[0]!.perSecond / perSecond).toFixed(2).padStart(6)}  ${settings}`);
  }
  console.log(`backend of ${LATENCY_MS} ms: ${(share * 100).toFixed(1)} % of ${CONCURRENCY} in flight used over ${WINDOW_MS / 1_000} s`);
  const ratio = (of: string) => {
    const index = measured.findIndex(({ name }) => name.startsWith(of.split('|')[0]!) && name.endsWith(of.split('|')[1] ?? ''));
    return index < 0 ? null : +(rates[0]!.perSecond / rates[index]!.perSecond).toFixed(3);
  };
  console.log(JSON.stringify({
    bench: 'posting', perSecond: Math.round(rates[0]!.perSecond), toGraphileWorker: ratio('graphile-worker'), toGraphileWorkerBatched: ratio('graphile-worker|batched'),
    toPgBoss: ratio('pg-boss'), toPgBossAllWaiting: ratio('pg-boss|all waiting'), toBullMqAlways: ratio('BullMQ|always'), toBullMqEverysec: ratio('BullMQ|everysec'), shareOfLimit: +share.toFixed(3),
  }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
