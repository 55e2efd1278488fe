/** A Tryton server on the private PostgreSQL, with the invoicing module activated once and kept. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresFolder, program } from './packages.mjs';
import { startPostgres } from './postgres.mjs';
import { answers, end, freePort, isOurs, leaveRunning, run, say, until } from './steps.mjs';

/** Tryton is a Debian package for Debian's own Python, which need not be the first one in PATH. */
const PYTHON = '/usr/bin/python3';
export const TRYTON_DATABASE = 'erp';

const configuration = (folder, ports) => `[database]
uri = postgresql://tryton@127.0.0.1:${ports.postgres}/
path = ${join(folder, 'attachments')}
[web]
listen = 127.0.0.1:${ports.tryton}
root =
[session]
max_attempt = 1000
authentications = password
[password]
length = 4
entropy = 0
`;

async function activate(folder, { ports }) {
  const psql = join(postgresFolder(), 'psql');
  const sql = (text) => run(psql, ['-h', '127.0.0.1', '-p', String(ports.postgres), '-U', 'tryton', '-d', 'postgres', '-c', text]);
  await sql(`drop database if exists ${TRYTON_DATABASE}`);
  await sql(`create database ${TRYTON_DATABASE}`);
  const password = randomBytes(12).toString('hex');
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 });
  say('Tryton: activating its invoicing module (the longest step)');
  await run(PYTHON, [
    program('trytond-admin'), '-c', join(folder, 'trytond.conf'), '-d', TRYTON_DATABASE, '-u', 'account_invoice',
    '--activate-dependencies', '--email', 'admin@example.com', '-p',
  ], { env: { ...process.env, TRYTONPASSFILE: join(folder, 'password') }, cwd: folder });
  writeFileSync(join(folder, 'activated'), '');
  say('Tryton: activated');
}

/** Resolves to true when the server answers a call, which needs no login. */
async function speaks(port) {
  try {
    const body = JSON.stringify({ id: 1, method: 'common.server.version', params: [] });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

export async function startTryton(state) {
  const { home, ports, pids } = state;
  const postgresBefore = pids.postgres;
  await startPostgres(state);
  const kept = postgresBefore === pids.postgres && isOurs(pids.tryton, home) && (await answers(ports.tryton));
  if (kept) return say('Tryton runs already');
  if (!program('trytond')) throw new Error('trytond is not installed');
  await end(pids.tryton, home);
  const folder = join(home, 'tryton');
  mkdirSync(join(folder, 'attachments'), { recursive: true });
  ports.tryton = await freePort();
  writeFileSync(join(folder, 'trytond.conf'), configuration(folder, ports));
  if (!existsSync(join(folder, 'activated'))) await activate(folder, state);
  const log = join(folder, 'trytond.log');
  const args = [program('trytond'), '-c', join(folder, 'trytond.conf'), '-d', TRYTON_DATABASE];
  pids.tryton = leaveRunning(PYTHON, args, { log, cwd: folder });
  await until(() => speaks(ports.tryton), { pid: pids.tryton, home, log, seconds: 120 });
  say(`Tryton listens on ${ports.tryton}`);
}

export const trytonPassword = (home) => readFileSync(join(home, 'tryton', 'password'), 'utf8');
