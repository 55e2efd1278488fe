import { type ASTVisitor, GraphQLError, type OperationDefinitionNode, type SelectionSetNode, type ValidationContext, type ValidationRule } from 'graphql';

/** Bounds on one document, checked before it runs. */
export const DOCUMENT_LIMITS = {
  tokensMax: 5_000,
  depthMax: 15,
  aliasesMax: 100,
} as const;
export type DocumentLimits = { readonly [limit in keyof typeof DOCUMENT_LIMITS]: number };

/** Refuses operations nested deeper than `depthMax` fields or with more than `aliasesMax` aliases, fragments counted where they are spread. */
export function limitRule({ depthMax, aliasesMax }: DocumentLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const measured = new Map<string, Measure>();
    return {
      OperationDefinition(node) {
        const { depth, aliases } = measure(node.selectionSet, { context, measured, open: new Set() });
        if (depth > depthMax) context.reportError(tooMuch(`The operation is ${depth} fields deep; ${depthMax} are allowed.`, node));
        if (aliases > aliasesMax) context.reportError(tooMuch(`The operation has ${aliases} aliases; ${aliasesMax} are allowed.`, node));
      },
    };
  };
}

function tooMuch(message: string, node: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions: { code: 'OPERATION_TOO_LARGE' } });
}

interface Measure {
  depth: number;
  aliases: number;
}

interface Measuring {
  context: ValidationContext;
  /** Each fragment is measured once, or a chain of doubling spreads would take for ever. */
  measured: Map<string, Measure>;
  open: Set<string>;
}

function measure(set: SelectionSetNode, measuring: Measuring): Measure {
  const total = { depth: 0, aliases: 0 };
  for (const node of set.selections) {
    if (node.kind === 'Field' && (node.name.value === '__schema' || node.name.value === '__type')) continue; // graphql-js limits these
    const isField = node.kind === 'Field';
    const below = node.kind === 'FragmentSpread' ? measureFragment(node.name.value, measuring) : measureInner(node.selectionSet, measuring);
    total.depth = Math.max(total.depth, below.depth + (isField ? 1 : 0));
    total.aliases += below.aliases + (isField && node.alias ? 1 : 0);
  }
  return total;
}

function measureInner(set: SelectionSetNode | undefined, measuring: Measuring): Measure {
  return set ? measure(set, measuring) : { depth: 0, aliases: 0 };
}

function measureFragment(name: string, measuring: Measuring): Measure {
  const known = measuring.measured.get(name);
  if (known) return known;
  if (measuring.open.has(name)) return { depth: 0, aliases: 0 }; // a cycle, refused by graphql-js's own rule
  measuring.open.add(name);
  const found = measureInner(measuring.context.getFragment(name)?.selectionSet, measuring);
  measuring.open.delete(name);
  measuring.measured.set(name, found);
  return found;
}
