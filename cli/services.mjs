/**
 * `npm run services`: installs and starts the real services that the tests use, and writes where they are to
 * `.services/services.json`. Run it again at will: what lives is kept, what died is started on the same data.
 * `node cli/services.mjs stop` ends them; the data stays. It needs no node_modules.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startMariadb } from './services/mariadb.mjs';
import { startNats } from './services/nats.mjs';
import { installMissing, program } from './services/packages.mjs';
import { end, say } from './services/steps.mjs';
import { startTryton, trytonPassword } from './services/tryton.mjs';

const FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), '.services');
const FILE = join(FOLDER, 'services.json');
const LOCK = join(FOLDER, 'lock');
const LOCK_WAIT_SECONDS = 900;

function write(file, value) {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** What an earlier run left. Data lives in the temporary folder, because other users may be unable to enter this tree. */
function recall() {
  const before = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
  const state = { home: before.home, ports: before.ports ?? {}, pids: before.pids ?? {} };
  if (state.home && existsSync(state.home)) return state;
  const home = mkdtempSync(join(tmpdir(), 'evenkeel-services-'));
  chmodSync(home, 0o755);
  return { home, ports: {}, pids: {} };
}

function describe({ home, ports, pids }) {
  return {
    mysql: pids.mysql && `mysql://root@127.0.0.1:${ports.mysql}`,
    tryton: pids.tryton && { url: `http://127.0.0.1:${ports.tryton}/erp/`, user: 'admin', password: trytonPassword(home) },
    nats: pids.nats && `nats://127.0.0.1:${ports.nats}`,
    hledger: program('hledger'),
    chromium: program('chromium'),
    home, ports, pids,
  };
}

/** Two runs at once would start everything twice; the second waits for the first. */
async function locked(work) {
  mkdirSync(FOLDER, { recursive: true });
  for (let second = 0; ; second++) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      const holder = existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : '';
      if (holder && !existsSync(`/proc/${holder}`)) rmSync(LOCK, { force: true });
      else if (second === 0) say('another run is at work; waiting for it');
      else if (second > LOCK_WAIT_SECONDS) throw new Error(`${LOCK} is held for too long`);
      await sleep(1_000);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

async function start() {
  const state = recall();
  await installMissing();
  const starts = { mysql: startMariadb, tryton: startTryton, nats: startNats };
  const failed = [];
  await Promise.all(Object.entries(starts).map(async ([name, startIt]) => {
    try {
      await startIt(state);
    } catch (error) {
      delete state.pids[name];
      failed.push(name);
      say(`${name} failed: ${error.message}`);
    }
  }));
  write(FILE, describe(state));
  say(failed.length === 0 ? 'services are up; see .services/services.json' : `not up: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

async function stop() {
  if (!existsSync(FILE)) return say('nothing was started');
  const state = recall();
  await end(state.pids.tryton, state.home);
  await Promise.all([end(state.pids.postgres, state.home, 'SIGINT'), end(state.pids.mysql, state.home), end(state.pids.nats, state.home)]);
  write(FILE, describe({ ...state, pids: {} }));
  say('services are stopped; their data is kept');
}

await locked(process.argv[2] === 'stop' ? stop : start);
