import 'reflect-metadata';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { authorize, forbidReadersToWrite } from '../gateway/authorization';
import { composeSupergraph } from '../gateway/compose';
import { buildSubgraphs } from '../subgraphs/build';
import { DOMAINS } from '../subgraphs/domains';

/** Path below schema/ → text, of all that is emitted from the code. */
export async function emittedSchemas(): Promise<Map<string, string>> {
  const subgraphs = await buildSubgraphs({ authChecker: authorize, beforeMutation: forbidReadersToWrite });
  const files = new Map(subgraphs.map(({ name, sdl }) => [`${name}.graphql`, sdl]));
  files.set('supergraph.graphql', composeSupergraph(subgraphs).supergraphSdl);
  for (const { type, schema } of DOMAINS.flatMap((domain) => domain.events)) {
    files.set(`events/${type}.json`, `${JSON.stringify({ title: type, ...z.toJSONSchema(schema) }, null, 2)}\n`);
  }
  return files;
}

/** Writes schema/ anew; what is no longer emitted goes. */
export async function writeSchemas(folder: string): Promise<number> {
  const files = await emittedSchemas();
  mkdirSync(join(folder, 'events'), { recursive: true });
  for (const name of readdirSync(join(folder, 'events'))) if (!files.has(`events/${name}`)) rmSync(join(folder, 'events', name));
  for (const [path, text] of files) writeFileSync(join(folder, path), text);
  return files.size;
}
