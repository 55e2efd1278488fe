import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { emittedSchemas } from '../cli/schema';
import { filesBelow, ROOT } from './tidy/sources';

let emitted: Map<string, string>;
beforeAll(async () => {
  emitted = await emittedSchemas();
});

test('schema/ is what the code emits; if not, `node cli/start.mjs schema` writes it anew', () => {
  expect(filesBelow('schema')).toEqual([...emitted.keys()].map((path) => `schema/${path}`).sort());
  const stale = [...emitted].filter(([path, text]) => readFileSync(join(ROOT, 'schema', path), 'utf8') !== text);
  expect(stale.map(([path]) => path)).toEqual([]);
});

test('the subgraphs compose without an error', () => {
  const subgraphs = [...emitted].filter(([path]) => path.endsWith('.graphql') && path !== 'supergraph.graphql');
  const { errors } = composeServices(subgraphs.map(([path, sdl]) => ({ name: path.replace('.graphql', ''), typeDefs: parse(sdl) })));
  expect(errors?.map(({ message }) => message) ?? []).toEqual([]);
});
