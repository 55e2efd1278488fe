import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../sync/clock';
import type { Principal, RequestContext } from './context';
import { HttpRefusal, readJson, sendJson, sendRefusal } from './httpBody';
import { presentError } from './presentError';
import { loggable } from '../sync/loggable';
import { INTERNAL_KEY_HEADER, PRINCIPAL_HEADER, type SignedPrincipal, sameSecret, verifyPrincipal } from './principalHeader';
import type { Subgraph } from './schema';

export interface SubgraphServing {
  /** 0 picks a free port. */
  port: number;
  /** Default 127.0.0.1: a subgraph is never public. */
  host?: string;
  /** Shared with the gateway: opens the door, and signs the principal's header. */
  internalKey: string;
  contextOf(asked: { principal: Principal; correlationId: string; idempotencyKey: string | undefined }): RequestContext;
  clock: Pick<Clock, 'nowMs'>;
  log: { error(fields: object, message: string): void };
}

export interface RunningSubgraph {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves a subgraph by Apollo Server for a gateway in another process, at `/graphql`. Without the internal key, or without
 * a valid signed principal, every request is answered 401 before its body is read.
 */
export async function serveSubgraph(subgraph: Subgraph, serving: SubgraphServing): Promise<RunningSubgraph> {
  const { log } = serving;
  const apollo = new ApolloServer<RequestContext>({
    schema: subgraph.schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [presenting(subgraph.name, log), ApolloServerPluginInlineTraceDisabled()],
  });
  await apollo.start();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (error instanceof HttpRefusal) return sendRefusal(response, error);
      log.error({ err: loggable(error), subgraph: subgraph.name }, 'subgraph request failed');
      sendRefusal(response, new HttpRefusal(500, 'INTERNAL', 'Something went wrong here.'));
    });
  });
  const url = await listen(server, serving);
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await apollo.stop();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signed = admitted(request, serving);
    if (request.url !== '/graphql' || request.method !== 'POST') throw new HttpRefusal(404, 'NOT_FOUND', 'Only POST /graphql is here.');
    const body = await readJson(request);
    const idempotencyKey = request.headers['idempotency-key'];
    const context = serving.contextOf({ ...signed, idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined });
    const headers = new HeaderMap([['content-type', 'application/json']]);
    const result = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, search: '', body },
      context: async () => context,
    });
    for (const [name, value] of result.headers) if (name !== 'content-length') response.setHeader(name, value);
    if (result.body.kind === 'complete') sendJson(response, result.status ?? 200, result.body.string);
  }
}

/** Errors as clients may see them. Apollo's `formatError` does not know the request, so this is done as the response leaves. */
function presenting(subgraph: string, log: SubgraphServing['log']): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      async willSendResponse({ response: { body }, errors, contextValue: { correlationId } }) {
        if (body.kind !== 'single' || !errors) return;
        body.singleResult.errors = errors.map((each) => {
          const { error, cause } = presentError(each, correlationId);
          if (cause !== undefined) log.error({ err: loggable(cause), correlationId, subgraph, path: error.path }, 'resolver failed');
          return error.toJSON();
        });
      },
    }),
  };
}

function admitted({ headers }: IncomingMessage, { internalKey, clock }: SubgraphServing): SignedPrincipal {
  const key = headers[INTERNAL_KEY_HEADER];
  if (typeof key !== 'string' || !sameSecret(key, internalKey)) throw new HttpRefusal(401, 'UNAUTHENTICATED', 'The internal key is missing or wrong.');
  const header = headers[PRINCIPAL_HEADER];
  const signed = verifyPrincipal(typeof header === 'string' ? header : undefined, internalKey, clock.nowMs());
  if (!signed) throw new HttpRefusal(401, 'UNAUTHENTICATED', 'The signed principal is missing, wrong or expired.');
  return signed;
}

function listen(server: Server, { port, host = '127.0.0.1' }: SubgraphServing): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(`http://${host}:${(server.address() as AddressInfo).port}/graphql`));
  });
}
