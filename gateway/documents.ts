import { type DocumentNode, GraphQLError, type GraphQLSchema, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import { DOCUMENT_LIMITS, type DocumentLimits, limitRule } from './limits';

/** A document ready to run, or why it never will be. */
export type Prepared = { readonly document: DocumentNode; readonly errors?: undefined } | { readonly document?: undefined; readonly errors: readonly GraphQLError[] };

export const CACHED_DOCUMENTS_MAX = 2_000;
export const CACHED_CHARACTERS_MAX = 8_000_000;
/** Errors told for one document. */
export const VALIDATION_ERRORS_MAX = 20;

export interface PrepareOptions {
  limits?: Partial<DocumentLimits>;
  /** Whether clients may ask for the schema. Default true. */
  introspection?: boolean;
}

/** Parses and validates against the schema once for each text; keeps what was used last, wrong documents as well. */
export function documentCache(schema: GraphQLSchema, options: PrepareOptions = {}): (text: string) => Prepared {
  const limits = { ...DOCUMENT_LIMITS, ...options.limits };
  const rules = [...specifiedRules, limitRule(limits), ...(options.introspection === false ? [NoSchemaIntrospectionCustomRule] : [])];
  const cache = new LRUCache<string, Prepared>({
    max: CACHED_DOCUMENTS_MAX,
    maxSize: CACHED_CHARACTERS_MAX,
    sizeCalculation: (_, text) => text.length + 1,
  });
  return (text) => {
    let prepared = cache.get(text);
    if (!prepared) cache.set(text, (prepared = prepare(text)));
    return prepared;
  };

  function prepare(text: string): Prepared {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: limits.tokensMax });
    } catch (error) {
      return { errors: [coded(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')] };
    }
    const errors = validate(schema, document, rules, { maxErrors: VALIDATION_ERRORS_MAX });
    return errors.length > 0 ? { errors: errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')) } : { document };
  }
}

/** Without the original error: what a scalar says of the client's own text may be told. */
function coded({ message, nodes, source, positions, extensions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, extensions: { code, ...extensions } });
}
