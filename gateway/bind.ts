import {
  type DocumentNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLEnumType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLScalarType,
  type GraphQLSchema,
  defaultFieldResolver,
  defaultTypeResolver,
  getNamedType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import type { RequestContext } from '../subgraphs/context';
import { type Subgraph, repairDefaults } from '../subgraphs/schema';
import { Box, type Home, type Leg, type MaybePromise, boxed, then } from './box';
import { findRoute } from './routes';
import { type TypeOwnership, readOwnership } from './supergraph';

type Resolver = GraphQLFieldResolver<unknown, RequestContext>;

/**
 * Binds every field of the API schema, in place, to the resolver of the subgraph that owns it. Throws if the supergraph uses
 * what in-process execution does not do, or if subgraphs disagree on an enum's internal values or a scalar's functions.
 */
export function bindSchema(schema: GraphQLSchema, supergraph: DocumentNode, subgraphs: readonly Subgraph[]): void {
  const homes = subgraphs.map((subgraph, index): Home => ({ index, subgraph }));
  const ownership = readOwnership(supergraph);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isEnumType(type)) bindEnum(type, homes);
    else if (isScalarType(type)) bindScalar(type, homes);
    else if (isAbstractType(type)) bindAbstract(type);
    else if (isObjectType(type)) bindObject(type, { schema, homes, owned: ownership.get(type.name) });
  }
  repairDefaults(schema);
}

interface Binding {
  schema: GraphQLSchema;
  homes: readonly Home[];
  owned: TypeOwnership | undefined;
}

function bindObject(type: GraphQLObjectType, { schema, homes, owned }: Binding): void {
  if (!owned) throw new Error(`The supergraph does not say who owns ${type.name}.`);
  const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);
  for (const field of Object.values(type.getFields())) {
    const names = owned.owners.get(field.name) ?? [];
    const owners = names.map((name) => homes.find(({ subgraph }) => subgraph.name === name)).filter((home) => home !== undefined);
    if (owners.length === 0) throw new Error(`${type.name}.${field.name} is owned by ${names.join(', ') || 'none'}, which is not among the subgraphs.`);
    if (isRoot) bindRoot(type, field, owners[0]!);
    else field.resolve = entityField({ type: { name: type.name, ...owned }, field, owners, homes });
  }
}

function bindRoot(type: GraphQLObjectType, field: GraphQLField<unknown, RequestContext>, home: Home): void {
  const own = ownField(home, type.name, field.name);
  const resolve: Resolver = own.resolve ?? defaultFieldResolver;
  const pack = packer(field.type);
  field.resolve = pack ? (...call) => pack(resolve(...call), home) : resolve;
  if (own.subscribe) field.subscribe = own.subscribe;
}

interface EntityField {
  type: { name: string } & TypeOwnership;
  field: GraphQLField<unknown, RequestContext>;
  owners: readonly Home[];
  homes: readonly Home[];
}

/** Resolves where the parent came from if that subgraph has the field, else where a reference leads. */
function entityField({ type, field, owners, homes }: EntityField): Resolver {
  const local: (Resolver | undefined)[] = homes.map((home) =>
    owners.includes(home) ? (ownField(home, type.name, field.name).resolve ?? defaultFieldResolver) : undefined,
  );
  const routes: (readonly Leg[] | undefined)[] = homes.map((home) =>
    owners.includes(home) ? [] : findRoute(type, home, { homes, targets: owners }),
  );
  const pack = packer(field.type);
  const required = isNonNullType(field.type);
  return (source, args, context, info) => {
    const box = source as Box;
    const resolve = local[box.home.index];
    if (resolve !== undefined) {
      const value = resolve(box.value, args, context, info);
      return pack === undefined ? value : pack(value, box.home);
    }
    return then(travel(box, routes[box.home.index], { context, info }), (there) => {
      if (there === null) return required ? noEntity(type.name, info) : null;
      const value = local[there.home.index]!(there.value, args, context, info);
      return pack === undefined ? value : pack(value, there.home);
    });
  };
}

interface Call {
  context: RequestContext;
  info: GraphQLResolveInfo;
}

function travel(box: Box, route: readonly Leg[] | undefined, { context, info }: Call): MaybePromise<Box | null> {
  if (!route) {
    throw new Error(`No key leads from ${info.parentType.name} in ${box.home.subgraph.name} to its field ${info.fieldName}.`);
  }
  let at: MaybePromise<Box | null> = box;
  for (const leg of route) at = then(at, (here: Box | null) => (here === null ? null : here.hop(leg, context, info)));
  return at;
}

function noEntity(typeName: string, info: GraphQLResolveInfo): never {
  throw new GraphQLError(`This ${typeName} does not exist, so its ${info.fieldName} cannot be told.`, { extensions: { code: 'NOT_FOUND' } });
}

function ownField(home: Home, typeName: string, fieldName: string): GraphQLField<unknown, RequestContext> {
  const type = home.subgraph.schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (!field) throw new Error(`The supergraph says that ${home.subgraph.name} has ${typeName}.${fieldName}, but it has not.`);
  return field;
}

/** How to box a field's value, or undefined for a leaf, which needs no box. */
function packer(type: GraphQLOutputType): ((value: unknown, home: Home) => unknown) | undefined {
  if (isLeafType(getNamedType(type))) return undefined;
  let listDepth = 0;
  let inner: GraphQLOutputType = type;
  while (isNonNullType(inner) || isListType(inner)) {
    if (isListType(inner)) listDepth++;
    inner = inner.ofType as GraphQLOutputType;
  }
  return (value, home) => boxed(value, home, listDepth);
}

function bindAbstract(type: GraphQLAbstractType): void {
  type.resolveType = (source, context, info) => {
    const { home, value } = source as Box;
    const own = home.subgraph.schema.getType(type.name) as GraphQLAbstractType;
    return (own.resolveType ?? defaultTypeResolver)(value, context, info, own);
  };
}

function bindEnum(type: GraphQLEnumType, homes: readonly Home[]): void {
  const internal = new Map<string, { value: unknown; says: string }>();
  for (const { subgraph } of homes) {
    const own = subgraph.schema.getType(type.name);
    if (!isEnumType(own)) continue;
    for (const { name, value } of own.getValues()) {
      const known = internal.get(name);
      if (known && known.value !== value) throw new Error(`${type.name}.${name} is ${String(known.value)} in ${known.says} but ${String(value)} in ${subgraph.name}.`);
      internal.set(name, { value, says: subgraph.name });
    }
  }
  const config = type.toConfig();
  for (const [name, value] of Object.entries(config.values)) value.value = internal.get(name)?.value ?? name;
  // The type object itself must stay, other types point to it.
  Object.assign(type, new GraphQLEnumType(config));
}

function bindScalar(type: GraphQLScalarType, homes: readonly Home[]): void {
  if (isSpecifiedScalarType(type)) return;
  let first: { own: GraphQLScalarType; name: string } | undefined;
  for (const { subgraph } of homes) {
    const own = subgraph.schema.getType(type.name);
    if (!isScalarType(own)) continue;
    first ??= { own, name: subgraph.name };
    if (first.own.serialize !== own.serialize || first.own.parseValue !== own.parseValue) {
      throw new Error(`Scalar ${type.name} differs between ${first.name} and ${subgraph.name}: share one GraphQLScalarType.`);
    }
  }
  if (!first) return;
  const { serialize, parseValue, parseLiteral } = first.own;
  Object.assign(type, { serialize, parseValue, parseLiteral });
}
