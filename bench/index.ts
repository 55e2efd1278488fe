/** `npm run bench -- NAME [options]`: runs bench/NAME, which prints a table and, last, one JSON line. */
import 'reflect-metadata';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = readdirSync(__dirname)
  .filter((file) => file.endsWith('.js') && file !== 'index.js')
  .map((file) => file.slice(0, -3));

const [name = ''] = process.argv.splice(2, 1);
if (!/^[a-z]+$/.test(name) || !NAMES.includes(name) || !existsSync(join(__dirname, `${name}.js`))) {
  process.stderr.write(`usage: npm run bench -- ${NAMES.join('|')} [options]\n`);
  process.exit(2);
}
process.argv[1] = join(__dirname, `${name}.js`);
require(process.argv[1]);
