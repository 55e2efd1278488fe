import type { NonEmptyArray } from 'type-graphql';
import type { DomainName } from '../entities';
import type { RequestContext } from './context';
import type { EventType, Told } from './event';
import type { Work } from './work';

/** A write: one file, one verb, run by `act` in one transaction. Expected failures are thrown as Refusal. */
export type Command<Input, Result> = (work: Work, input: Input) => Promise<Result>;

/** What a domain does, in the same transaction, when another domain tells something. */
export interface Reaction {
  on: string;
  run(work: Work, event: Told<never>): Promise<void>;
}

/** Ties a reaction to an event so that its data is typed. */
export function reaction<Data>(event: EventType<Data>, run: (work: Work, event: Told<Data>) => Promise<void>): Reaction {
  return { on: event.type, run: run as Reaction['run'] };
}

/** All that a domain adds to the house. */
export interface Domain {
  name: DomainName;
  resolvers: NonEmptyArray<Function>;
  /** Object types reached only by reference. */
  orphanedTypes: Function[];
  /** GraphQL type → how a reference `{ id }` from another subgraph becomes the object. */
  references: Record<string, (reference: { id: string }, context: RequestContext) => unknown>;
  commands: Command<never, unknown>[];
  events: Pick<EventType<unknown>, 'type' | 'schema'>[];
  reactions: Reaction[];
  /** Called when an act that takes documents back has queued its postings and not yet saved the rest. */
  queued?(work: Work): Promise<void>;
}
