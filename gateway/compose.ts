import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import type { Subgraph } from '../subgraphs/schema';

/**
 * Composes the subgraphs' SDL into the supergraph's, in the order of their names, so that the result is stable.
 * Throws with every composition error, one a line, each with its code.
 */
export function composeSupergraph(subgraphs: readonly Pick<Subgraph, 'name' | 'sdl'>[]): { supergraphSdl: string } {
  const services = [...subgraphs]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sdl }) => ({ name, typeDefs: parse(sdl) }));
  const composed = composeServices(services);
  if (composed.errors) {
    const lines = composed.errors.map(({ message, extensions }) => `  ${String(extensions.code ?? 'INVALID_GRAPHQL')}: ${message}`);
    throw new Error(`The subgraphs do not compose:\n${lines.join('\n')}`);
  }
  return { supergraphSdl: composed.supergraphSdl };
}
