/**
 * Runs a TypeScript file as it stands: `node test/harness/run-ts.cjs path/to/file.ts [arguments]`. It compiles with the options
 * jest uses, read from package.json, and keeps the result under node_modules/.cache, so that a second start loads no compiler.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const cache = path.join(root, 'node_modules/.cache/run-ts');
const transforms = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).jest.transform;
const options = Object.values(transforms).find((entry) => entry[0] === '@swc/jest')[1];
const salt = JSON.stringify([options, require('@swc/core/package.json').version]);

function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const kept = path.join(cache, `${createHash('sha256').update(salt).update(file).update(source).digest('hex')}.js`);
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    const { code } = require('@swc/core').transformSync(source, { ...options, filename: file, swcrc: false, configFile: false });
    mkdirSync(cache, { recursive: true });
    const fresh = `${kept}.${process.pid}`;
    writeFileSync(fresh, code);
    renameSync(fresh, kept);
    return code;
  }
}

Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file);

const target = process.argv[2];
if (!target) {
  console.error('usage: node test/harness/run-ts.cjs FILE.ts [arguments]');
  process.exit(2);
}
process.setSourceMapsEnabled(true);
process.argv.splice(1, 2, path.resolve(target));
Module._load(process.argv[1], null, true);
