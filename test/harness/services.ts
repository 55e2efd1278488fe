/** Which real services and shared files this machine offers to the tests. In CI what is missing is an error, elsewhere a skip. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Services {
  mysql?: string;
  tryton?: { url: string; user: string; password: string };
  nats?: string;
  hledger?: string;
  chromium?: string;
}

const ROOT = resolve(__dirname, '..', '..');
const FILE = join(ROOT, '.services', 'services.json');

/** What `npm run services` started, or nothing. */
export const services: Services = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Services) : {};

const inCi = () => process.env.CI === 'true';
const told = new Set<string>();

/** Says once that something is missing; under `CI=true` that fails the suite. */
function missing(text: string): void {
  if (inCi()) throw new Error(text);
  if (!told.has(text)) process.stderr.write(`${text}\n`);
  told.add(text);
}

/** Whether a real service is there: `const describeTryton = needs('tryton') ? describe : describe.skip`. */
export function needs(service: keyof Services): boolean {
  if (services[service]) return true;
  missing(`${service} is not there, so its tests are skipped; \`npm run services\` starts it.`);
  return false;
}

/** The path of a file in the folder `shared` beside the repository, or undefined when that is not there. */
export function shared(path: string): string | undefined {
  const file = join(ROOT, '..', 'shared', path);
  if (existsSync(file)) return file;
  missing(`shared/${path} is not beside the repository, so the tests that read it are skipped.`);
  return undefined;
}
