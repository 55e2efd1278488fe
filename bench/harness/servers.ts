/** Servers private to one run: on free ports, in a temporary folder, ended and removed with it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_TRIES_MAX = 300;

export interface Server {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** The path of a program, also where an ordinary user's PATH does not lead. */
function program(name: string): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => `/usr/lib/postgresql/${version}/bin`), ...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => (socket.destroy(), resolve(true))).on('error', () => resolve(false));
  });
}

/** A folder for a server that refuses to run as root, and the user it runs as instead. */
function folderFor(name: string): { folder: string; user: { uid?: number; gid?: number } } {
  const folder = mkdtempSync(join(tmpdir(), `evenkeel-bench-${name}-`));
  if (process.getuid!() !== 0) return { folder, user: {} };
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith(`${name}:`))!.split(':').map(Number);
  chownSync(folder, uid!, gid!);
  return { folder, user: { uid: uid!, gid: gid! } };
}

/**
 * A MariaDB with its own defaults, as `npm run services` has it: each commit is on disk when it returns. Where DATABASE_URL is set, the
 * server it names is measured instead and none is started.
 */
export async function startMariadb(): Promise<Server | undefined> {
  if (process.env.DATABASE_URL !== undefined) return undefined;
  const [install, mariadbd] = [program('mariadb-install-db'), program('mariadbd')];
  if (!install || !mariadbd) return undefined;
  const { folder, user } = folderFor('mysql');
  const data = join(folder, 'data');
  execFileSync(install, ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'], { ...user, cwd: folder, stdio: 'ignore' });
  writeFileSync(join(folder, 'users.sql'), "CREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY '';\nGRANT ALL PRIVILEGES ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\nFLUSH PRIVILEGES;\n");
  const port = await freePort();
  const child = spawn(mariadbd, [
    '--no-defaults', `--datadir=${data}`, `--socket=${join(folder, 'sock')}`, `--pid-file=${join(folder, 'pid')}`, '--bind-address=127.0.0.1', `--port=${port}`,
    '--innodb-flush-log-at-trx-commit=1', '--innodb-buffer-pool-size=4G', '--max-connections=300', '--character-set-server=utf8mb4', '--skip-name-resolve', `--init-file=${join(folder, 'users.sql')}`,
  ], { ...user, cwd: folder, stdio: 'ignore' });
  const server = await running(child, { port, url: `mysql://root@127.0.0.1:${port}`, folder, signal: 'SIGTERM' });
  process.env.DATABASE_URL = server.url;
  return server;
}

async function running(child: ChildProcess, { port, url, folder, signal }: { port: number; url: string; folder: string; signal: NodeJS.Signals }): Promise<Server> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', end); // also when the bench fails
  if (process.listenerCount('SIGTERM') === 0) process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries === READY_TRIES_MAX) throw new Error(`${url} did not come up`);
    await sleep(50);
  }
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill(signal);
      await gone;
      process.off('exit', end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A PostgreSQL with its own defaults: each commit is on disk when it returns (fsync and synchronous_commit on). */
export async function startPostgres(): Promise<Server | undefined> {
  const [initdb, postgres] = [program('initdb'), program('postgres')];
  if (!initdb || !postgres) return undefined;
  const { folder, user } = folderFor('postgres');
  const data = join(folder, 'data');
  execFileSync(initdb, ['-D', data, '-A', 'trust', '-U', 'bench', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], { ...user, cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const options = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=on', '-c', 'synchronous_commit=on'];
  const child = spawn(postgres, ['-D', data, '-p', String(port), ...options], { ...user, cwd: folder, stdio: 'ignore' });
  return running(child, { port, url: `postgres://bench@127.0.0.1:${port}/postgres`, folder, signal: 'SIGINT' });
}

/** A Redis that appends each command to its file, and has it on disk before it answers (`always`) or within a second. */
export async function startRedis(appendfsync: 'always' | 'everysec'): Promise<Server | undefined> {
  const redis = program('redis-server');
  if (!redis) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-redis-'));
  mkdirSync(join(folder, 'data'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', join(folder, 'data'), '--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync];
  const child = spawn(redis, [...options, '--maxmemory-policy', 'noeviction'], { cwd: folder, stdio: 'ignore' });
  return running(child, { port, url: `redis://127.0.0.1:${port}`, folder, signal: 'SIGTERM' });
}
