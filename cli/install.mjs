/** Installs the dependencies when they are missing or older than the lockfile, for `npm start` and `npm test` alike. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.evenkeel-install');

/** Native modules are built for one major version of Node on one platform, so those belong to the stamp. */
function wantedStamp() {
  const lockfile = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json'))).digest('hex');
  return `${lockfile} node${process.versions.modules} ${process.platform}-${process.arch}\n`;
}

/** Whether npm itself put in place what the lockfile names: its own copy of the lockfile has the same packages. */
function npmHasInstalled() {
  const installed = join(MODULES, '.package-lock.json');
  if (!existsSync(installed)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const { packages: present } = JSON.parse(readFileSync(installed, 'utf8'));
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || present[path]?.version === entry.version);
}

/** Runs `npm ci` unless the installed packages are those of the lockfile. Throws when it fails. */
export function ensureInstalled() {
  const wanted = wantedStamp();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (existsSync(STAMP) || !npmHasInstalled()) {
    console.log('installing dependencies (npm ci)');
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) throw new Error('npm ci failed');
  }
  writeFileSync(STAMP, wanted);
}
