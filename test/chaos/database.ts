import 'reflect-metadata';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTenant } from '../../cli/tenants';
import { openDatabase } from '../../entities/database';
import { type Actor, perform } from '../../subgraphs/act';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine, type Engine } from '../../subgraphs/engine';
import { systemClock } from '../../sync/clock';
import { sequence } from '../../sync/sequencer';
import { until } from '../harness/until';

const KILLS = Number(process.argv[2] ?? 20);
const CLIENTS = 8;
const KILL_EVERY_MS = 1_500;

interface Server {
  home: string;
  ports: { mysql?: number };
  pids: { mysql?: number };
}

/** Starts a MariaDB of this run's own, or starts it again on its data and port after it was killed. */
async function startServer(server: Server): Promise<void> {
  const { startMariadb } = (await import('../../cli/services/mariadb.mjs' as string)) as { startMariadb(server: Server): Promise<void> };
  await startMariadb(server);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

interface Tally {
  acknowledged: Map<string, number>;
  failures: number;
}

/** One client that writes a customer's next version again and again, and after each failure tries the same with the same key. */
async function client(engine: Engine, name: string, at: { tally: Tally; until: () => boolean }): Promise<void> {
  const actor: Actor = { engine, principal: { tenantId: 'chaos', client: name, role: 'crm' }, correlationId: 'chaos' };
  for (let turn = 0; !at.until(); ) {
    try {
      const input = { system: 'crm', key: name, name: `${name} ${turn}`, currency: 'EUR', idempotencyKey: `${name}-${turn}` };
      const { id, version } = await perform(actor, upsertCustomer, input);
      at.tally.acknowledged.set(id, version);
      turn++;
    } catch {
      at.tally.failures++;
      await systemClock.wait(100);
    }
  }
}

async function main(): Promise<void> {
  const server: Server = { home: mkdtempSync(join(tmpdir(), 'evenkeel-chaos-')), ports: {}, pids: {} };
  chmodSync(server.home, 0o755);
  await startServer(server);
  const store = await openDatabase(`mysql://root@127.0.0.1:${server.ports.mysql}/evenkeel`);
  const engine = createEngine(store, systemClock, DOMAINS);
  await ensureTenant(engine, { tenantId: 'chaos', name: 'Chaos', secret: 'chaos' });
  const tally: Tally = { acknowledged: new Map(), failures: 0 };
  let over = false;
  const clients = Array.from({ length: CLIENTS }, (_, index) => client(engine, `client-${index}`, { tally, until: () => over }));
  for (let kill = 0; kill < KILLS; kill++) {
    await systemClock.wait(KILL_EVERY_MS);
    process.kill(server.pids.mysql!, 'SIGKILL');
    await until('the killed server is gone', async () => !isAlive(server.pids.mysql!));
    await startServer(server);
  }
  await systemClock.wait(KILL_EVERY_MS);
  over = true;
  await Promise.all(clients);
  while ((await sequence(store)) > 0);
  const problems: string[] = [];
  let mutations = 0;
  for (const [id, version] of tally.acknowledged) {
    mutations += version;
    const [row] = await store.reads.query('SELECT version FROM customer WHERE id = ?', [id]);
    const [versions] = await store.reads.query('SELECT COUNT(*) AS n FROM resource_version WHERE resource_id = ?', [id]);
    const [changes] = await store.reads.query('SELECT COUNT(DISTINCT position) AS n FROM `change` WHERE resource_id = ?', [id]);
    const [postings] = await store.reads.query('SELECT COUNT(*) AS n FROM posting WHERE resource_id = ?', [id]);
    const found = [row?.version, versions?.n, changes?.n].map(Number);
    if (found.some((count) => count !== version) || Number(postings?.n) !== version * 3) problems.push(`${id}: ${version} acknowledged, found ${found.join(', ')} and ${postings?.n} postings`);
  }
  problems.forEach((problem) => process.stdout.write(`${problem}\n`));
  process.stdout.write(`${JSON.stringify({ ok: problems.length === 0, kills: KILLS, mutations, failures: tally.failures, lost: problems.length })}\n`);
  await store.close();
  process.kill(server.pids.mysql!, 'SIGKILL');
  rmSync(server.home, { recursive: true, force: true, maxRetries: 5 });
  process.exitCode = problems.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
