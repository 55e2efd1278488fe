import type { RequestContext } from '../subgraphs/context';
import type { Engine } from '../subgraphs/engine';

/** The context of one request: its loaders are its own, so nothing is shared between requests or tenants. */
export function contextOf(engine: Engine, asked: Pick<RequestContext, 'principal' | 'correlationId' | 'idempotencyKey'>): RequestContext {
  const loaders = new Map<string, unknown>();
  const context: RequestContext = {
    engine,
    principal: asked.principal,
    correlationId: asked.correlationId,
    idempotencyKey: asked.idempotencyKey,
    reads: engine.database.reads,
    replayed: false,
    loader<Loader>(name: string, make: (context: RequestContext) => Loader): Loader {
      let loader = loaders.get(name) as Loader | undefined;
      if (loader === undefined) loaders.set(name, (loader = make(context)));
      return loader;
    },
  };
  return context;
}
