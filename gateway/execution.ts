import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { mapAsyncIterator } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  buildASTSchema,
  createSourceEventStream,
  execute,
  parse,
} from 'graphql';
import type { RequestContext } from '../subgraphs/context';
import type { Subgraph } from '../subgraphs/schema';
import { bindSchema } from './bind';
import { type PrepareOptions, type Prepared, documentCache } from './documents';

/** One operation to run: a document from `prepare`, and whose request it is. */
export interface Operation {
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Record<string, unknown> | null | undefined;
  contextValue: RequestContext;
  /** Makes the context of each event of a subscription, so that no loader outlives its event. Default: `contextValue`. */
  contextOfEvent?: () => RequestContext;
}

/** Answers operations on the supergraph. In process here; another implementation may ask remote subgraphs. */
export interface Execution {
  /** The API schema: what clients see, without federation's own types. */
  readonly schema: GraphQLSchema;
  /** Parses and validates, cached by text. */
  prepare(text: string): Prepared;
  /** Runs a query or mutation. Errors are as the resolvers threw them: the server makes them presentable. */
  execute(operation: Operation): ExecutionResult | Promise<ExecutionResult>;
  /** Starts a subscription: events, or a result with errors if it could not start. */
  subscribe(operation: Operation): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}

/**
 * Federation without HTTP: each field of the supergraph is bound to the resolver of the subgraph that owns it, and an entity
 * asked for a field of another subgraph gets there by its reference. Throws if supergraph and subgraphs do not fit together.
 */
export function inProcessExecution(supergraphSdl: string, subgraphs: readonly Subgraph[], options: PrepareOptions = {}): Execution {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const schema = buildASTSchema(transformSupergraphToPublicSchema(supergraph));
  bindSchema(schema, supergraph, subgraphs);
  const run = (operation: Operation, rootValue?: unknown) => execute(executionArgs(schema, operation, rootValue));
  return {
    schema,
    prepare: documentCache(schema, options),
    execute: (operation) => run(operation),
    async subscribe(operation) {
      const events = await createSourceEventStream(executionArgs(schema, operation));
      if (!isAsyncIterable(events)) return events;
      const { contextOfEvent } = operation;
      return mapAsyncIterator(events[Symbol.asyncIterator](), (event: unknown) =>
        run(contextOfEvent ? { ...operation, contextValue: contextOfEvent() } : operation, event),
      );
    },
  };
}

function executionArgs(schema: GraphQLSchema, operation: Operation, rootValue?: unknown) {
  const { document, contextValue, operationName, variableValues } = operation;
  return { schema, document, contextValue, operationName, variableValues, rootValue };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as { [Symbol.asyncIterator]?: unknown } | null)?.[Symbol.asyncIterator] === 'function';
}
