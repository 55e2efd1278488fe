/** A private MariaDB with its default durability (a commit is on disk when it returns), reachable by TCP without a password. */
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './packages.mjs';
import { answers, asUser, freePort, isOurs, leaveRunning, run, say, until } from './steps.mjs';

// root may sit on unix_socket authentication only; both users are for 127.0.0.1 and without a password
const USERS = `
CREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO root@127.0.0.1 WITH GRANT OPTION;
CREATE USER IF NOT EXISTS evenkeel@127.0.0.1 IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO evenkeel@127.0.0.1 WITH GRANT OPTION;
CREATE USER IF NOT EXISTS evenkeel@localhost IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO evenkeel@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS evenkeel CHARACTER SET utf8mb4;
FLUSH PRIVILEGES;
`;

export async function startMariadb({ home, ports, pids }) {
  if (isOurs(pids.mysql, home) && (await answers(ports.mysql))) return say('MariaDB runs already');
  const server = program('mariadbd');
  if (!server) throw new Error('mariadbd is not installed');
  const folder = join(home, 'mariadb');
  const data = join(folder, 'data');
  const user = asUser('mysql');
  if (!existsSync(join(data, 'mysql'))) {
    mkdirSync(folder, { recursive: true });
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
    await run(program('mariadb-install-db'), install, { ...user, cwd: folder });
    writeFileSync(join(folder, 'users.sql'), USERS);
    say('MariaDB: system tables made');
  }
  if (!ports.mysql || (await answers(ports.mysql))) ports.mysql = await freePort(); // after a crash it comes back where it was
  const log = join(folder, 'mariadb.log');
  pids.mysql = leaveRunning(server, [
    '--no-defaults', `--datadir=${data}`, `--socket=${join(folder, 'sock')}`, `--pid-file=${join(folder, 'pid')}`,
    '--bind-address=127.0.0.1', `--port=${ports.mysql}`, '--innodb-flush-log-at-trx-commit=1', '--max-connections=300',
    '--character-set-server=utf8mb4', '--skip-name-resolve', `--init-file=${join(folder, 'users.sql')}`,
  ], { log, cwd: folder, ...user });
  await until(() => answers(ports.mysql), { pid: pids.mysql, home, log });
  say(`MariaDB listens on ${ports.mysql}`);
}
