import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../../cli/house';

const FOLDER = join(root(), 'bench', 'peers');

/** A queue that moves jobs and nothing else. */
export interface Peer {
  name: string;
  /** What it was set to, for the table. */
  settings: string;
  /** Process id of its server. */
  serverPid: number;
  /** It works a round in portions of so many jobs. */
  waitingMax?: number;
  /** Puts jobs in; they wait until `work`. */
  add(payloads: readonly string[]): Promise<void>;
  /** Works every waiting job: `job` is called once with each; done when the server holds each as completed. */
  work(jobs: number, job: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Packages of the peers' own lockfile, installed on first use and whenever that has changed. */
export function installPeers(): void {
  const installed = join(FOLDER, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && sameVersions(installed)) return;
  console.log('installing the peers of bench/peers/package-lock.json');
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: FOLDER, stdio: 'inherit' });
}

function sameVersions(installed: string): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const { packages } = JSON.parse(readFileSync(installed, 'utf8')) as { packages: Record<string, { version: string }> };
  return Object.entries(dependencies).every(([name, version]) => packages[`node_modules/${name}`]?.version === version);
}

/** A package of the peers, which the product does not install, and its version. */
export function peerPackage<Module>(name: string): Module {
  return createRequire(join(FOLDER, 'package.json'))(name) as Module;
}

export function peerVersion(name: string): string {
  return (JSON.parse(readFileSync(join(FOLDER, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}
