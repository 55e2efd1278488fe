import type { AuthChecker } from 'type-graphql';
import type { RequestContext, Role } from './context';
import { DOMAINS } from './domains';
import { buildSubgraph, type Subgraph } from './schema';

interface Guards {
  authChecker: AuthChecker<RequestContext, Role>;
  beforeMutation: (context: RequestContext) => void;
}

/** type-graphql asks for one as soon as there is a subscription; ours read the change log instead. */
const NO_PUB_SUB = {
  publish: () => undefined,
  subscribe(): never {
    throw new Error('subscriptions read the change log');
  },
};

/** The subgraphs of all domains, guarded. */
export async function buildSubgraphs(guards: Guards): Promise<Subgraph[]> {
  const subgraphs: Subgraph[] = [];
  for (const domain of DOMAINS) subgraphs.push(await buildSubgraph(domain, { ...guards, pubSub: NO_PUB_SUB }));
  return subgraphs;
}
