import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../subgraphs/context';
import type { Subgraph } from '../subgraphs/schema';

/** A subgraph with its place in the supergraph: arrays indexed by `index` say what each subgraph can do. */
export interface Home {
  readonly index: number;
  readonly subgraph: Subgraph;
}

/** Reads an entity's key in the subgraph that returned it: the reference, or null if a key field is null. */
export type KeyReader = (value: unknown, context: RequestContext, info: GraphQLResolveInfo) => MaybePromise<Record<string, unknown> | null>;

/** One step from the subgraph that holds an entity to another that knows it by a key. */
export interface Leg {
  readonly to: Home;
  readonly type: string;
  readonly readKey: KeyReader;
}

export type MaybePromise<Value> = Value | Promise<Value>;

/**
 * A value with the subgraph it came from. Made anew for each place in each response, never kept on the value itself: a
 * frozen or shared value is safe, and nothing is carried from one request to the next.
 */
export class Box {
  /** The same entity in other subgraphs, by their index: the promise is shared by sibling fields. */
  private hops: MaybePromise<Box | null>[] | undefined = undefined;

  constructor(
    readonly home: Home,
    readonly value: unknown,
  ) {}

  /** This entity as the leg's subgraph knows it, or null if it knows none. Rejects if its reference resolver does. */
  hop(leg: Leg, context: RequestContext, info: GraphQLResolveInfo): MaybePromise<Box | null> {
    const hops = (this.hops ??= []);
    const known = hops[leg.to.index];
    return known === undefined ? (hops[leg.to.index] = this.resolve(leg, context, info)) : known;
  }

  private resolve(leg: Leg, context: RequestContext, info: GraphQLResolveInfo): MaybePromise<Box | null> {
    try {
      return then(leg.readKey(this.value, context, info), (key) => {
        if (key === null) return null;
        const load = leg.to.subgraph.references[leg.type]!;
        return then(load({ __typename: leg.type, ...key }, context), (entity) => arrived(leg.to, entity));
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function arrived(home: Home, entity: unknown): Box | null {
  if (entity instanceof Error) throw entity;
  return entity === null || entity === undefined ? null : new Box(home, entity);
}

/** Boxes what a resolver returned for a field of an object type: through promises and lists; null and errors stay. */
export function boxed(value: unknown, home: Home, listDepth: number): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (isPromise(value)) return value.then((settled) => boxed(settled, home, listDepth));
  if (listDepth === 0) return new Box(home, value);
  if (Array.isArray(value)) {
    const items = new Array<unknown>(value.length);
    for (let at = 0; at < items.length; at++) items[at] = boxed(value[at], home, listDepth - 1);
    return items;
  }
  if (typeof value === 'object' && Symbol.iterator in value) {
    return Array.from(value as Iterable<unknown>, (item) => boxed(item, home, listDepth - 1));
  }
  return value; // not a list: graphql-js says so, with the path
}

/** `Promise.then` that does not wait for what is already there. */
export function then<From, To>(value: MaybePromise<From>, next: (settled: From) => MaybePromise<To>): MaybePromise<To> {
  return isPromise(value) ? (value.then(next as (settled: unknown) => To) as Promise<To>) : next(value as From);
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
