import { GraphQLError } from 'graphql';
import { Refusal } from '../entities/refusal';

/** Codes of errors that are told as they are; whatever has none of ours is masked. */
const MASKED_CODE = 'INTERNAL';

export interface Presented {
  error: GraphQLError;
  /** What went wrong inside, for the log; undefined if the error was expected. */
  cause: unknown;
}

/**
 * Makes an error fit for clients: a Refusal keeps its code, path and whether to retry; a GraphQLError keeps its message;
 * anything else becomes INTERNAL, without a word of what happened. All carry the correlation id.
 */
export function presentError(error: unknown, correlationId: string): Presented {
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : ({} as Partial<GraphQLError>);
  const where = { nodes, source, positions, path };
  const origin = originOf(error);
  if (origin instanceof Refusal) {
    const { code, path: inputPath, retryable, message } = origin;
    return { error: new GraphQLError(message, { ...where, extensions: { code, path: inputPath, retryable, correlationId } }), cause: undefined };
  }
  const isRequestError = error instanceof GraphQLError && path === undefined; // variables that do not fit, an unknown operation
  if (isRequestError || origin instanceof GraphQLError) {
    const { message, extensions } = error as GraphQLError;
    return { error: new GraphQLError(message, { ...where, extensions: { code: 'BAD_USER_INPUT', ...extensions, correlationId } }), cause: undefined };
  }
  const message = `Something went wrong here. Tell support the correlation id ${correlationId}.`;
  return { error: new GraphQLError(message, { ...where, extensions: { code: MASKED_CODE, correlationId } }), cause: origin };
}

function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}
