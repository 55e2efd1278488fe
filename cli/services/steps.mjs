/** What every service needs: one progress line a step, a command run to its end, a process left running, a free port. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const startedAt = performance.now();

/** Prints one line with the seconds since the command began. */
export function say(text) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${text}`);
}

/** The user and group of a Debian system user when we are root; nothing (stay who we are) otherwise. */
export function asUser(name) {
  if (process.getuid() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`));
  if (!line) throw new Error(`there is no system user ${name}`);
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Runs a command to its end; on failure throws with the last lines it printed. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let printed = '';
    const keep = (chunk) => { printed = (printed + chunk).slice(-20_000); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(printed);
      reject(new Error(`${command} ended with ${code}:\n${printed.split('\n').slice(-15).join('\n')}`));
    });
  });
}

/** Starts a process that outlives this one, its output in `log`. Returns its process id. */
export function leaveRunning(command, args, { log, ...options }) {
  const out = openSync(log, 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', out, out], ...options });
  child.on('error', (error) => say(`${command}: ${error.message}`));
  child.unref();
  return child.pid;
}

/** Whether this process id is one of ours: it lives, and its command line names our folder (ids are reused). */
export function isOurs(pid, home) {
  if (!pid || !home) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(home);
  } catch {
    return false;
  }
}

/** Ends one of our processes and waits until it is gone; after ten seconds it is killed. */
export async function end(pid, home, signal = 'SIGTERM') {
  if (!isOurs(pid, home)) return;
  process.kill(pid, signal);
  for (let tries = 0; tries < 100; tries++) {
    if (!isOurs(pid, home)) return;
    await sleep(100);
  }
  process.kill(pid, 'SIGKILL');
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function answers(port) {
  return new Promise((resolve) => {
    if (!port) return resolve(false);
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const finish = (yes) => { socket.destroy(); resolve(yes); };
    socket.on('connect', () => finish(true)).on('error', () => finish(false)).on('timeout', () => finish(false));
  });
}

/** Waits until `ready()` is true; fails early when the process has died, and after `seconds` in any case. */
export async function until(ready, { pid, home, log, seconds = 60 }) {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    if (await ready()) return;
    if (!isOurs(pid, home)) break;
    await sleep(100);
  }
  const tail = readFileSync(log, 'utf8').split('\n').slice(-12).join('\n');
  throw new Error(`it did not come up; the end of ${log}:\n${tail}`);
}
