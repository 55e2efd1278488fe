/** How long the built product takes to be ready, first with new demo data and then again, and the memory it holds under load. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { root } from '../cli/house';
import { cpuMsOf } from './harness/cpu';
import { send } from './harness/load';
import { median } from './harness/rounds';

const STARTS = 3;
const MUTATIONS = Number(process.argv[2] ?? 400);
const READY_MS_MAX = 3_000;
const RSS_MIB_MAX = 300;
const SETTLE_MS = 3_000;

interface Started {
  child: ChildProcess;
  url: URL;
  ms: number;
  cpuMs: number;
}

/** Starts the product and waits for the line that says where it is. */
function start(folder: string): Promise<Started> {
  const begun = performance.now();
  const env: NodeJS.ProcessEnv = { ...process.env, EVENKEEL_DATA: folder, PORT: '0' };
  delete env.DATABASE_URL;
  const child = spawn(process.execPath, [join(root(), 'dist', 'cli', 'main.js'), 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk);
      const url = /ready: (\S+)/.exec(said)?.[1];
      if (url) resolve({ child, url: new URL(url), ms: performance.now() - begun, cpuMs: cpuMsOf(child.pid!) });
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
}

async function stop({ child }: Started): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Resident memory of a process and of the children it has, in MiB. */
function rssMib(pid: number): { product: number; sandbox: number } {
  const of = (id: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))![1]) / 1024;
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const children = lines.filter(([id, parent]) => parent === pid && id !== undefined).map(([id]) => id!);
  return { product: of(pid), sandbox: children.reduce((sum, id) => sum + of(id), 0) };
}

async function graphql<Data>(url: URL, query: string): Promise<Data> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer demo-finance' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return ((await response.json()) as { data: Data }).data;
}

/** Payments of the demo customers, some with a query of everybody's status between, until the backends have them. */
async function load({ url }: Started): Promise<void> {
  const read = 'query { customers { nodes { id financialStatus { state balances { open { amount } } } sync { state } invoices { id sync { state } } } } legalEntities { nodes { id } } }';
  type Read = { customers: { nodes: { id: string }[] }; legalEntities: { nodes: { id: string }[] } };
  const { customers, legalEntities } = await graphql<Read>(url, read);
  const payments = Array.from({ length: MUTATIONS }, (_, index) => ({
    reference: `L-${index}`, customerId: customers.nodes[index % customers.nodes.length]!.id, legalEntityId: legalEntities.nodes[0]!.id,
  }));
  for (let from = 0; from < MUTATIONS; from += 50) {
    await send({ port: Number(url.port), token: 'demo-finance', clients: 8, payments: payments.slice(from, from + 50) });
    await graphql(url, read);
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

async function main(): Promise<void> {
  const first: number[] = [];
  const second: number[] = [];
  const cpu: number[] = [];
  let rss = { product: 0, sandbox: 0 };
  for (let round = 0; round < STARTS; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-start-'));
    const fresh = await start(folder);
    first.push(fresh.ms);
    await stop(fresh);
    const again = await start(folder);
    second.push(again.ms);
    cpu.push(again.cpuMs);
    if (round === STARTS - 1) {
      await load(again);
      rss = rssMib(again.child.pid!);
    }
    await stop(again);
    rmSync(folder, { recursive: true, force: true });
  }
  const sum = rss.product + rss.sandbox;
  console.log(`ready with new demo data ${median(first).toFixed(0)} ms, again ${median(second).toFixed(0)} ms (median of ${STARTS}; at most ${READY_MS_MAX}); CPU until ready ${median(cpu).toFixed(0)} ms; load average ${loadavg()[0]!.toFixed(1)}`);
  console.log(`resident after ${MUTATIONS} mutations: product ${rss.product.toFixed(0)} MiB, sandbox ${rss.sandbox.toFixed(0)} MiB, together ${sum.toFixed(0)} MiB (at most ${RSS_MIB_MAX})`);
  console.log(JSON.stringify({
    bench: 'start', readyRatio: +(median(first) / READY_MS_MAX).toFixed(2), rssRatio: +(sum / RSS_MIB_MAX).toFixed(2), firstMs: Math.round(median(first)),
    againMs: Math.round(median(second)), cpuMs: Math.round(median(cpu)), loadAverage: +loadavg()[0]!.toFixed(1), productMib: Math.round(rss.product), sandboxMib: Math.round(rss.sandbox),
  }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
