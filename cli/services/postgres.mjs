/**
 * A private PostgreSQL for Tryton: trusts local connections and does not wait for the disk, for tests only. It gathers
 * statistics every second, because Tryton's activation asks the catalogue about every table it has just made: without them
 * that took 94 to 100 s, with them 41 s.
 */
import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { postgresFolder } from './packages.mjs';
import { answers, asUser, freePort, isOurs, leaveRunning, run, say, until } from './steps.mjs';

/** The arguments that set run-time options on the command line, so that no file needs editing. */
const settings = (options) => Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

export async function startPostgres({ home, ports, pids }) {
  if (isOurs(pids.postgres, home) && (await answers(ports.postgres))) return say('PostgreSQL runs already');
  const bin = postgresFolder();
  if (!bin) throw new Error('PostgreSQL is not installed');
  const folder = join(home, 'postgres');
  const data = join(folder, 'data');
  const user = asUser('postgres');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(folder, { recursive: true });
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const init = ['-D', data, '-A', 'trust', '-U', 'tryton', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await run(join(bin, 'initdb'), init, { ...user, cwd: folder });
    say('PostgreSQL: cluster made');
  }
  // after a kill its lock file stays; where nobody buries dead processes PostgreSQL would believe it for ever
  if (!isOurs(pids.postgres, home)) rmSync(join(data, 'postmaster.pid'), { force: true });
  ports.postgres = await freePort();
  const log = join(folder, 'postgres.log');
  pids.postgres = leaveRunning(join(bin, 'postgres'), ['-D', data, ...settings({
    listen_addresses: '127.0.0.1', port: ports.postgres, unix_socket_directories: folder,
    fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', jit: 'off', autovacuum_naptime: '1s',
  })], { log, cwd: folder, ...user });
  await until(() => answers(ports.postgres), { pid: pids.postgres, home, log });
  say(`PostgreSQL listens on ${ports.postgres}`);
}
