import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const PERMISSIVE = new Set([
  'MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'Unlicense', 'CC0-1.0', 'Python-2.0', 'Zlib',
]);
/** Data, not code: what it asks for is to be named. */
const DATA = new Map([['caniuse-lite', 'CC-BY-4.0']]);

interface Entry {
  license?: string;
  optional?: boolean;
}

/** The product's packages, and those that only a benchmark measures against. */
const FOLDERS = ['', 'bench/peers'];

/** Every package that a lockfile installs, with the licence it bears itself; what is not installed here, with the lockfile's. */
function packages(): { name: string; licence: string }[] {
  return FOLDERS.flatMap((folder) => {
    const lock = JSON.parse(readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
    return Object.entries(lock.packages).filter(([path]) => path !== '').map(([path, entry]) => {
      const file = join(ROOT, folder, path, 'package.json');
      const own = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { license?: unknown; licenses?: unknown }) : { license: entry.license };
      const licence = own.license ?? own.licenses ?? entry.license;
      return { name: path.split('node_modules/').at(-1)!, licence: typeof licence === 'string' ? licence : JSON.stringify(licence ?? 'none') };
    });
  });
}

/** Whether an SPDX expression leaves only permissive terms: all of AND, any of OR. */
function isPermissive(expression: string): boolean {
  const text = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) return text.split(' OR ').some(isPermissive);
  return text.split(' AND ').every((licence) => PERMISSIVE.has(licence.trim()));
}

test.each`
  expression                              | permissive
  ${'MIT'}                                | ${true}
  ${'(MIT OR GPL-3.0)'}                   | ${true}
  ${'(MIT AND GPL-3.0)'}                  | ${false}
  ${'Elastic-2.0'}                        | ${false}
  ${'SEE LICENSE IN LICENSE'}             | ${false}
`('$expression is permissive: $permissive', ({ expression, permissive }) => {
  expect(isPermissive(expression)).toBe(permissive);
});

test('every package has a permissive licence', () => {
  const all = packages();
  expect(all.length).toBeGreaterThan(100);
  const refused = all.filter(({ name, licence }) => !isPermissive(licence) && DATA.get(name) !== licence);
  expect(refused.map(({ name, licence }) => `${name}: ${licence}`)).toEqual([]);
});

test('nothing under the Elastic licence comes in by way of Apollo', () => {
  const names = new Set(packages().map(({ name }) => name));
  const elastic = ['@apollo/federation-internals', '@apollo/gateway', '@apollo/composition', '@apollo/query-planner', '@apollo/query-graphs'];
  expect(elastic.filter((name) => names.has(name))).toEqual([]);
});
