import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
  isAbstractType,
  isInputObjectType,
  isObjectType,
  lexicographicSortSchema,
  parse,
  valueFromAST,
  visit,
} from 'graphql';
import { type AuthChecker, type BuildSchemaOptions, type NonEmptyArray, buildSchema, createResolversMap } from 'type-graphql';
import type { RequestContext, Role } from './context';

const FEDERATION_SPEC_URL = 'https://specs.apollo.dev/federation/v2.3';
const FEDERATION_DIRECTIVES = new Set(
  'authenticated composeDirective external inaccessible interfaceObject key override provides requires requiresScopes shareable tag'.split(' '),
);

/** What another subgraph knows of an entity: `__typename` and the fields of one of its keys, as they are on the wire. */
export interface Reference {
  readonly __typename: string;
  readonly [keyField: string]: unknown;
}

/** Loads the entity a reference names: null if there is none, and batched by the context's loaders. */
export type ReferenceResolver = (reference: any, context: RequestContext) => unknown;

/** What a domain contributes to the graph. */
export interface SubgraphDomain {
  /** Lower case; becomes the subgraph's name in the supergraph. */
  name: string;
  resolvers: NonEmptyArray<Function>;
  /** Types nobody returns by name: the entity stubs, and the types that implement an interface. */
  orphanedTypes: Function[];
  /** One entry for each entity with a resolvable key. A stub passes its reference on: `(reference) => reference`. */
  references: Record<string, ReferenceResolver>;
}

export interface SubgraphOptions {
  scalarsMap?: BuildSchemaOptions['scalarsMap'];
  pubSub?: BuildSchemaOptions['pubSub'];
  /** Decides every `@Authorized(...)`. */
  authChecker?: AuthChecker<RequestContext, Role>;
  /** Called before every mutation, authorized or not; throws to forbid it. */
  beforeMutation?: (context: RequestContext) => void;
}

export interface Subgraph {
  readonly name: string;
  /** Federation SDL, sorted, as it is committed. */
  readonly sdl: string;
  /** Executable, with `_entities`, `_service` and the reference resolvers. */
  readonly schema: GraphQLSchema;
  readonly references: Readonly<Record<string, ReferenceResolver>>;
}

/** Builds a domain's subgraph. Throws if an entity has a resolvable key but no reference resolver, or the other way round. */
export async function buildSubgraph(domain: SubgraphDomain, options: SubgraphOptions = {}): Promise<Subgraph> {
  const { beforeMutation, ...schemaOptions } = options;
  const plain = await buildSchema({
    resolvers: domain.resolvers,
    orphanedTypes: domain.orphanedTypes,
    validate: false,
    authMode: 'error',
    ...schemaOptions,
  });
  const sdl = federationSdl(plain);
  const typeDefs = parse(sdl);
  checkReferences(domain, typeDefs.definitions.filter((node) => node.kind === 'ObjectTypeDefinition'));
  const resolvers = createResolversMap(plain) as unknown as Record<string, Record<string, unknown>>;
  for (const [type, load] of Object.entries(domain.references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: extensible(load) };
  }
  // The resolver map's own type does not know type-graphql's; the shapes are the same.
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
  repairDefaults(schema);
  preferTypename(schema);
  if (beforeMutation) guardMutations(schema, beforeMutation);
  return { name: domain.name, sdl, schema, references: domain.references };
}

function federationSdl(schema: GraphQLSchema): string {
  const body = printSchemaWithDirectives(lexicographicSortSchema(schema));
  const used = new Set<string>();
  visit(parse(body), {
    Directive: ({ name }) => {
      if (FEDERATION_DIRECTIVES.has(name.value)) used.add(`"@${name.value}"`);
    },
  });
  return `extend schema @link(url: "${FEDERATION_SPEC_URL}", import: [${[...used].sort().join(', ')}])\n\n${body.trim()}\n`;
}

function checkReferences({ name, references }: SubgraphDomain, types: ObjectTypeDefinitionNode[]): void {
  const entities = new Set(types.filter((type) => type.directives?.some(isResolvableKey)).map((type) => type.name.value));
  for (const type of entities) {
    if (!references[type]) throw new Error(`Subgraph ${name}: ${type} has a resolvable @key but no entry in \`references\`.`);
  }
  for (const type of Object.keys(references)) {
    if (!entities.has(type)) throw new Error(`Subgraph ${name}: \`references\` names ${type}, which has no resolvable @key.`);
  }
}

function isResolvableKey({ name, arguments: args }: DirectiveNode): boolean {
  if (name.value !== 'key') return false;
  return !args?.some(({ name: arg, value }) => arg.value === 'resolvable' && value.kind === 'BooleanValue' && !value.value);
}

/** Apollo writes `__typename` on what a reference resolver returns: a frozen entity gets an heir that can take it. */
function extensible(load: ReferenceResolver): ReferenceResolver {
  return async (reference, context) => {
    const entity = await load(reference, context);
    if (entity instanceof Error) throw entity;
    return typeof entity === 'object' && entity !== null && !Object.isExtensible(entity) ? Object.create(entity) : entity;
  };
}

/** Reads default values again from the SDL: they were read before the enums knew their internal values. */
export function repairDefaults(schema: GraphQLSchema): void {
  const repair = (input: GraphQLArgument | GraphQLInputField) => {
    if (input.astNode?.defaultValue) input.defaultValue = valueFromAST(input.astNode.defaultValue, input.type);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) Object.values(type.getFields()).forEach(repair);
    if (isObjectType(type)) Object.values(type.getFields()).forEach((field) => field.args.forEach(repair));
  }
}

/**
 * A value that says its own `__typename` is believed; others are told by the name of their class, else by the type's own
 * resolveType, which takes an entity for what it extends.
 */
function preferTypename(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isAbstractType(type) || !type.resolveType) continue;
    const { resolveType } = type;
    const names = new Set(schema.getPossibleTypes(type).map(({ name }) => name));
    type.resolveType = (value, context, info, abstract) => {
      const { __typename, constructor } = (value ?? {}) as { __typename?: string; constructor?: Function };
      const named = __typename ?? constructor?.name;
      return named !== undefined && names.has(named) ? named : resolveType(value, context, info, abstract);
    };
  }
}

function guardMutations(schema: GraphQLSchema, beforeMutation: (context: RequestContext) => void): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    field.resolve = (source, args, context: RequestContext, info) => {
      beforeMutation(context);
      return resolve?.(source, args, context, info);
    };
  }
}
