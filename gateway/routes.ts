import {
  type FieldNode,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type SelectionNode,
  getNamedType,
  isLeafType,
  isObjectType,
  parse,
} from 'graphql';
import type { RequestContext } from '../subgraphs/context';
import { type Home, type KeyReader, type Leg, type MaybePromise, isPromise } from './box';
import type { TypeOwnership } from './supergraph';

/** The shortest way from a subgraph to one that resolves a field, as legs by keys; undefined if there is none. */
export function findRoute(type: { name: string } & TypeOwnership, from: Home, goal: { homes: readonly Home[]; targets: readonly Home[] }): Leg[] | undefined {
  const reached = new Set([from.index]);
  let frontier: { at: Home; legs: Leg[] }[] = [{ at: from, legs: [] }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { at, legs } of frontier) {
      for (const to of goal.homes) {
        if (reached.has(to.index)) continue;
        const readKey = readableKey(type, at, to);
        if (!readKey) continue;
        reached.add(to.index);
        next.push({ at: to, legs: [...legs, { to, type: type.name, readKey }] });
      }
    }
    const found = next.find(({ at }) => goal.targets.includes(at));
    if (found) return found.legs;
    frontier = next;
  }
  return undefined;
}

/** A reader for the first key of `to` whose fields `from` has, or undefined. */
function readableKey(type: { name: string } & TypeOwnership, from: Home, to: Home): KeyReader | undefined {
  for (const key of type.keys.get(to.subgraph.name) ?? []) {
    const reader = selectionReader(from, type.name, keySelections(key));
    if (reader) return reader;
  }
  return undefined;
}

function keySelections(key: string): readonly SelectionNode[] {
  const [definition] = parse(`{ ${key} }`, { noLocation: true }).definitions;
  return definition?.kind === 'OperationDefinition' ? definition.selectionSet.selections : [];
}

type FieldReader = (source: unknown, context: RequestContext, info: GraphQLResolveInfo) => MaybePromise<unknown>;

function selectionReader(home: Home, typeName: string, selections: readonly SelectionNode[]): KeyReader | undefined {
  const readers: [name: string, read: FieldReader][] = [];
  for (const node of selections) {
    if (node.kind !== 'Field') return undefined;
    const read = fieldReader(home, typeName, node);
    if (!read) return undefined;
    readers.push([node.name.value, read]);
  }
  return (source, context, info) => {
    const key: Record<string, unknown> = {};
    let waiting: Promise<void>[] | undefined;
    let missing = false;
    const keep = (name: string, value: unknown) => {
      if (value === null || value === undefined) missing = true;
      key[name] = value;
    };
    for (const [name, read] of readers) {
      const value = read(source, context, info);
      if (isPromise(value)) (waiting ??= []).push(value.then((settled) => keep(name, settled)));
      else keep(name, value);
    }
    const done = () => (missing ? null : key);
    return waiting ? Promise.all(waiting).then(done) : done();
  };
}

/** Reads one key field as it would be on the wire: resolved by the home's own resolver, then serialized. */
function fieldReader(home: Home, typeName: string, node: FieldNode): FieldReader | undefined {
  const parentType = home.subgraph.schema.getType(typeName);
  if (!isObjectType(parentType)) return undefined;
  const field = parentType.getFields()[node.name.value];
  if (!field) return undefined;
  const finish = finisher(home, field.type, node);
  if (!finish) return undefined;
  const { resolve, name, type: returnType } = field;
  return (source, context, info) => {
    const value = resolve
      ? resolve(source, {}, context, { ...info, fieldName: name, parentType, returnType })
      : property(source, name, { context, info });
    return isPromise(value) ? value.then((settled) => finish(settled, context, info)) : finish(value, context, info);
  };
}

function property(source: unknown, name: string, rest: { context: RequestContext; info: GraphQLResolveInfo }): unknown {
  const holder = source as Record<string, unknown>;
  const value = holder[name];
  return typeof value === 'function' ? value.call(holder, {}, rest.context, rest.info) : value;
}

function finisher(home: Home, type: GraphQLOutputType, node: FieldNode): FieldReader | undefined {
  const named = getNamedType(type);
  const one: FieldReader | undefined = isLeafType(named)
    ? (value) => named.serialize(value)
    : selectionReader(home, named.name, node.selectionSet?.selections ?? []);
  if (!one) return undefined;
  const finish: FieldReader = (value, context, info) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return one(value, context, info);
    const items = value.map((item) => finish(item, context, info));
    return items.some(isPromise) ? Promise.all(items) : items;
  };
  return finish;
}
