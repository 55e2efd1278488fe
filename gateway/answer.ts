import { type DocumentNode, type ExecutionResult, GraphQLError, OperationTypeNode, getOperationAST } from 'graphql';
import { mapAsyncIterator } from '@graphql-tools/utils';
import type { Principal, RequestContext } from '../subgraphs/context';
import { presentError } from '../subgraphs/presentError';
import { loggable } from '../sync/loggable';
import type { Clock } from '../sync/clock';
import type { Counters } from './counters';
import type { Execution } from './execution';

/** Who asks, and how the answer is to be found again. */
export interface Asked {
  principal: Principal;
  correlationId: string;
  idempotencyKey: string | undefined;
  /** `Last-Event-ID` of a reconnecting event source. */
  lastEventId: string | undefined;
}

export interface Params {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** What answers need of the server. */
export interface House {
  execution: Execution;
  contextOf(asked: Asked): RequestContext;
  clock: Pick<Clock, 'nowMs'>;
  log: { error(fields: object, message: string): void };
  counts: Counters;
}

export type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** Why a document is not run at all: the answer, and the kind of operation asked for if it is known. */
export interface Checked {
  document?: DocumentNode;
  operation?: OperationTypeNode;
  refused?: ExecutionResult;
}

/** Parses, validates and picks the operation. Errors are ready to send. */
export function check(house: House, asked: Asked, { query, operationName }: Params): Checked {
  const { document, errors } = house.execution.prepare(query);
  if (errors) return { refused: refuse(house, asked, errors) };
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation) return { document, operation };
  const reason = operationName ? `There is no operation named ${operationName}.` : 'Name the operation to run: the document has none, or several.';
  return { refused: refuse(house, asked, [new GraphQLError(reason, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })]) };
}

/** Runs a checked operation: one result, or the events of a subscription. Never throws; errors are presentable and logged. */
export async function run(house: House, asked: Asked, params: Params & Required<Pick<Checked, 'document' | 'operation'>>): Promise<Answer> {
  const { execution, clock, counts } = house;
  const startMs = clock.nowMs();
  const { document, operation, operationName, variables: variableValues } = params;
  try {
    const contextValue = house.contextOf(asked);
    const query = { document, operationName, variableValues, contextValue };
    if (operation === OperationTypeNode.SUBSCRIPTION) return await subscribe(house, asked, query);
    const result = present(house, asked, await execution.execute(query));
    counts.add('evenkeel_requests_total', { operation, outcome: result.errors ? 'errors' : 'ok' });
    counts.add('evenkeel_request_milliseconds_total', { operation }, clock.nowMs() - startMs);
    return contextValue.replayed ? { ...result, extensions: { ...result.extensions, idempotentReplay: true } } : result;
  } catch (error) {
    return { ...refuse(house, asked, [error]), data: null };
  }
}

async function subscribe(house: House, asked: Asked, query: Parameters<Execution['subscribe']>[0]): Promise<Answer> {
  const { counts } = house;
  const events = await house.execution.subscribe({ ...query, contextOfEvent: () => house.contextOf(asked) });
  if (!(Symbol.asyncIterator in events)) return present(house, asked, events);
  counts.add('evenkeel_subscriptions_total');
  counts.add('evenkeel_subscriptions_open');
  let isOpen = true;
  const closed = () => {
    if (isOpen) counts.add('evenkeel_subscriptions_open', {}, -1);
    isOpen = false;
  };
  const answers = mapAsyncIterator(
    events,
    (event: ExecutionResult) => {
      counts.add('evenkeel_events_sent_total');
      return present(house, asked, event);
    },
    (error: unknown) => (closed(), refuse(house, asked, [error])),
    closed,
  );
  const stop = answers.return?.bind(answers);
  answers.return = (value) => (closed(), stop ? stop(value) : Promise.resolve({ done: true, value }));
  return answers;
}

/** The result of a request that failed before it ran. */
export function refuse(house: House, asked: Asked, errors: readonly unknown[]): ExecutionResult {
  house.counts.add('evenkeel_requests_total', { operation: 'none', outcome: 'errors' });
  return { errors: errors.map((error) => presented(house, asked, error)) };
}

function present(house: House, asked: Asked, result: ExecutionResult): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((error) => presented(house, asked, error)) };
}

function presented({ log, counts }: House, { correlationId, principal }: Asked, raw: unknown): GraphQLError {
  const { error, cause } = presentError(raw, correlationId);
  counts.add('evenkeel_errors_total', { code: String(error.extensions.code) });
  if (cause !== undefined) {
    log.error({ err: loggable(cause), correlationId, tenant: principal.tenantId, client: principal.client, path: error.path }, 'resolver failed');
  }
  return error;
}
