import { uuidV7 } from '../entities/ids';
import { Tenant } from '../entities/operations/Tenant';
import type { Database } from '../entities/database';
import type { DomainName } from '../entities';
import { selectRows } from '../entities/rows';
import type { Clock } from '../sync/clock';
import { Growth } from '../sync/growth';
import { lastPlace } from '../sync/sequencer';
import type { Domain, Reaction } from './domain';

/** What every act needs: the store, the clock, who reacts to what, and whom to wake after a commit. */
export interface Engine {
  readonly database: Database;
  readonly clock: Clock;
  /** Says when the change log has grown. */
  readonly growth: Growth;
  /** An id for what has no natural key. */
  newId(atMs: number): string;
  reactionsTo(type: string): readonly { domain: DomainName; reaction: Reaction }[];
  domainOf(command: Function): DomainName;
  /** The domain that looks after the queue when an act takes documents back. */
  readonly queueKeeper: Domain | undefined;
  idNamespace(tenantId: string): Promise<string>;
  /** Called after each commit that wrote changes or postings. */
  committed(): void;
  onCommit(listener: () => void): () => void;
}

export function createEngine(database: Database, clock: Clock, domains: readonly Domain[]): Engine {
  const reactions = new Map<string, { domain: DomainName; reaction: Reaction }[]>();
  const commands = new Map<Function, DomainName>();
  for (const domain of domains) {
    for (const command of domain.commands) commands.set(command, domain.name);
    for (const reaction of domain.reactions) {
      const entry = { domain: domain.name, reaction };
      reactions.set(reaction.on, [...(reactions.get(reaction.on) ?? []), entry]);
    }
  }
  const namespaces = new Map<string, string>();
  const listeners = new Set<() => void>();
  return {
    database,
    clock,
    growth: new Growth(clock, () => lastPlace(database.reads)),
    newId: uuidV7,
    queueKeeper: domains.find(({ queued }) => queued !== undefined),
    reactionsTo: (type) => reactions.get(type) ?? [],
    domainOf(command) {
      const domain = commands.get(command);
      if (!domain) throw new Error(`${command.name} is in no domain's list of commands`);
      return domain;
    },
    async idNamespace(tenantId) {
      const known = namespaces.get(tenantId);
      if (known) return known;
      const [tenant] = await database.transaction((sql) => selectRows(sql, Tenant, { where: { tenantId } }));
      if (!tenant) throw new Error('a principal of an unknown tenant');
      namespaces.set(tenantId, tenant.idNamespace);
      return tenant.idNamespace;
    },
    committed: () => listeners.forEach((listener) => listener()),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
