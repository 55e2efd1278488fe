/** Which Debian packages the real services come from, and where their programs are. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, say } from './steps.mjs';

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/usr/local/bin'];

/** The path of a program, also from the folders that an ordinary user's PATH leaves out. */
export function program(name) {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => path.startsWith('/') && existsSync(path));
}

/** The folder with PostgreSQL's `initdb` and `postgres`; Debian keeps it out of PATH, the newest version wins. */
export function postgresFolder() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = program('initdb');
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...(onPath ? [dirname(realpathSync(onPath))] : [])];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

const TRYTON_MODULES = '/usr/lib/python3/dist-packages/trytond/modules';
const WANTED = [
  { packages: ['mariadb-server'], there: () => program('mariadbd') && program('mariadb-install-db') },
  { packages: ['postgresql'], there: postgresFolder },
  { packages: ['tryton-server'], there: () => program('trytond') && program('trytond-admin') },
  // account_invoice pulls in account, account_product, company, currency, party and product, and nothing else
  { packages: ['tryton-modules-account-invoice'], there: () => existsSync(join(TRYTON_MODULES, 'account_invoice')) },
  { packages: ['python3-psycopg2'], there: () => existsSync('/usr/lib/python3/dist-packages/psycopg2') },
  { packages: ['hledger'], there: () => program('hledger') },
  { packages: ['nats-server'], there: () => program('nats-server') },
  { packages: ['chromium'], there: () => program('chromium') },
];

/** Installs what is missing, in one go. Without root it only says what is missing. */
export async function installMissing() {
  const missing = WANTED.filter(({ there }) => !there()).flatMap(({ packages }) => packages);
  if (missing.length === 0) return say('every package is installed');
  if (process.getuid() !== 0 || !program('apt-get')) {
    return say(`missing, and only root on Debian can install them: ${missing.join(' ')}`);
  }
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  say('apt-get update');
  await run('apt-get', ['update', '-q'], options);
  say(`installing ${missing.join(' ')}`);
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], options);
  say('packages installed');
}
