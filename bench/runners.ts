/** Postings per second of one, two and four runner processes on one MariaDB, and the CPU they and the server take of the cores. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { cpuMsOf, cpuMsOfServer } from './harness/cpu';
import { type BenchHouse, makeCustomers, openPrivateHouse } from './harness/house';
import { drained, mustHaveTold, queuePayments, serverPid } from './harness/postings';
import { type RunnerProcess, startRunner } from './harness/runnerProcess';

const JOBS = Number(process.argv[2] ?? 6_000);
const CUSTOMERS = 500;
const LANES = 600;
const RUNNERS = [1, 2, 4];
const LATENCIES_MS = [0, 50];

interface Figure {
  latencyMs: number;
  runners: number;
  perSecond: number;
  /** Cores used: 1 is one core all the time. */
  nodeCores: number;
  serverCores: number;
}

async function measure(house: BenchHouse, { runners, latencyMs }: { runners: number; latencyMs: number }): Promise<Figure> {
  const pid = await serverPid(house);
  const processes: RunnerProcess[] = [];
  for (let n = 0; n < runners; n++) processes.push(await startRunner({ where: house.where, latencyMs, tellsCalls: false }));
  const cpu = () => ({ node: processes.reduce((sum, each) => sum + cpuMsOf(each.pid), 0), server: pid === undefined ? NaN : cpuMsOfServer(pid) });
  const before = cpu();
  const start = performance.now();
  await Promise.all(processes.map((each) => each.go()));
  await drained(house);
  const ms = performance.now() - start;
  const after = cpu();
  for (const each of processes) await each.stop();
  return { latencyMs, runners, perSecond: JOBS / (ms / 1_000), nodeCores: (after.node - before.node) / ms, serverCores: (after.server - before.server) / ms };
}

async function main(): Promise<void> {
  const house = await openPrivateHouse();
  try {
    const customers = await makeCustomers(house, CUSTOMERS);
    const figures: Figure[] = [];
    let queued = 0;
    for (const latencyMs of LATENCIES_MS) {
      for (const runners of figures.length === 0 ? [1, ...RUNNERS] : RUNNERS) { // the first only warms up
        await queuePayments(house, customers, { from: queued, count: JOBS / 2, lanes: LANES });
        queued += JOBS / 2;
        figures.push(await measure(house, { runners, latencyMs }));
        await mustHaveTold(house);
      }
    }
    report(figures.slice(1));
  } finally {
    await house.close();
  }
}

function report(figures: Figure[]): void {
  console.log(`${JOBS} postings in ${LANES * 2} lanes on ${availableParallelism()} cores`);
  for (const { latencyMs, runners, perSecond, nodeCores, serverCores } of figures) {
    const one = figures.find((figure) => figure.latencyMs === latencyMs)!;
    console.log(`backend of ${String(latencyMs).padStart(2)} ms, ${runners} runners ${perSecond.toFixed(0).padStart(6)} /s ${(perSecond / one.perSecond).toFixed(2).padStart(6)} of one; cores: runners ${nodeCores.toFixed(2)}, MariaDB ${serverCores.toFixed(2)}`);
  }
  const rates = Object.fromEntries(figures.map(({ latencyMs, runners, perSecond }) => [`${runners}x${latencyMs}ms`, Math.round(perSecond)]));
  console.log(JSON.stringify({ bench: 'runners', ...rates }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
