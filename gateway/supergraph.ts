import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
} from 'graphql';

/** Who can answer for a type's fields, read from the supergraph's `@join__` directives. Graphs bear their subgraph's name. */
export interface TypeOwnership {
  /** Graph → the selection sets of its resolvable keys, as in `id` or `number entity { code }`. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** Field → the graphs that resolve it, in the supergraph's order. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the ownership of every object type. Throws on what the in-process execution does not do:
 * `@requires`, `@interfaceObject` and context arguments.
 */
export function readOwnership(supergraph: DocumentNode): Map<string, TypeOwnership> {
  const graphs = graphNames(supergraph);
  const types = new Map<string, TypeOwnership>();
  for (const node of supergraph.definitions) {
    if (node.kind !== 'ObjectTypeDefinition' && node.kind !== 'InterfaceTypeDefinition') continue;
    const joins = directives(node, 'join__type').map(values);
    if (joins.some(({ isInterfaceObject }) => isInterfaceObject === true)) {
      throw new Error(`${node.name.value} is an @interfaceObject, which the in-process execution does not support.`);
    }
    if (node.kind === 'ObjectTypeDefinition') types.set(node.name.value, ownershipOf(node, joins, graphs));
  }
  return types;
}

type Values = Record<string, string | boolean | undefined>;

function ownershipOf(node: ObjectTypeDefinitionNode, joins: Values[], graphs: Map<string, string>): TypeOwnership {
  const graphOf = (join: Values) => graphs.get(String(join.graph)) ?? String(join.graph);
  const keys = new Map<string, string[]>();
  for (const join of joins) {
    const held = keys.get(graphOf(join)) ?? [];
    if (typeof join.key === 'string' && join.resolvable !== false) held.push(join.key);
    keys.set(graphOf(join), held);
  }
  const owners = new Map<string, string[]>();
  for (const field of node.fields ?? []) {
    const fieldJoins = directives(field, 'join__field').map(values);
    refuseUnsupported(`${node.name.value}.${field.name.value}`, fieldJoins);
    const resolving = fieldJoins.filter(({ external, usedOverridden }) => external !== true && usedOverridden !== true);
    owners.set(field.name.value, fieldJoins.length === 0 ? [...keys.keys()] : resolving.map(graphOf));
  }
  return { keys, owners };
}

function refuseUnsupported(name: string, joins: Values[]): void {
  if (joins.some(({ requires }) => requires !== undefined)) {
    throw new Error(`${name} uses @requires, which the in-process execution does not support.`);
  }
  if (joins.some(({ contextArguments }) => contextArguments !== undefined)) {
    throw new Error(`${name} takes an argument from the context, which the in-process execution does not support.`);
  }
}

function graphNames(supergraph: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  for (const node of supergraph.definitions) {
    if (node.kind !== 'EnumTypeDefinition' || node.name.value !== 'join__Graph') continue;
    for (const value of node.values ?? []) {
      const graph = directives(value, 'join__graph').map(values)[0];
      names.set(value.name.value, String(graph?.name ?? value.name.value));
    }
  }
  return names;
}

type WithDirectives = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | FieldDefinitionNode | { directives?: readonly ConstDirectiveNode[] };

function directives(node: WithDirectives, name: string): ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === name);
}

function values(directive: ConstDirectiveNode): Values {
  return Object.fromEntries((directive.arguments ?? []).map(({ name, value }) => [name.value, plain(value)]));
}

function plain(value: ConstValueNode): string | boolean | undefined {
  switch (value.kind) {
    case 'StringValue':
    case 'EnumValue':
    case 'BooleanValue':
      return value.value;
    case 'NullValue':
      return undefined;
    default:
      return 'present'; // lists and objects matter only by being there
  }
}
