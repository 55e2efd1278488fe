/** `npm start`: installs if need be, builds what is older than its sources, and runs the product. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, ensureInstalled } from './install.mjs';

const SOURCES = ['gateway', 'subgraphs', 'entities', 'sync', 'connectors', 'cli'];
const BUILT = join(ROOT, 'dist', '.tsbuildinfo');

/** Milliseconds of the newest source below a folder. */
function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path));
    else if (entry.name.endsWith('.ts')) latest = Math.max(latest, statSync(path).mtimeMs);
  }
  return latest;
}

/** Compiles to dist/ unless that is newer than every source. Throws when it fails. */
export function ensureBuilt() {
  const builtMs = existsSync(BUILT) ? statSync(BUILT).mtimeMs : 0;
  if (builtMs > Math.max(...SOURCES.map((name) => newest(join(ROOT, name))), statSync(join(ROOT, 'tsconfig.json')).mtimeMs)) return;
  console.log('building (tsc)');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}

/** Runs the evenkeel command with arguments, in this terminal, and ends as it ends. */
export function run(args) {
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'cli', 'main.js'), ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

ensureInstalled();
ensureBuilt();
run(process.argv.length > 2 ? process.argv.slice(2) : ['start']);
