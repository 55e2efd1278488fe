import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { type ServerOptions, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { EVENTS_PER_TURN } from './sse';
import type { Principal } from '../subgraphs/context';
import { type Asked, type House, check, run } from './answer';

export const SOCKET_MESSAGE_BYTES_MAX = 1024 * 1024;
export const OPERATIONS_PER_SOCKET_MAX = 100;
const PING_MS = 12_000;

export interface SocketHouse extends House {
  authenticate(token: string | undefined): Promise<Principal | undefined>;
  /** The token in an Authorization header's value. */
  bearer(header: unknown): string | undefined;
  correlationOf(request: IncomingMessage): string;
}

interface Extra {
  socket: WebSocket;
  request: IncomingMessage;
  principal?: Principal;
}

/**
 * Serves graphql-transport-ws on `/graphql`. The token is in the upgrade request's Authorization header or in
 * `connectionParams.authorization`; without a known one the socket closes with 4401.
 */
export function serveSockets(server: Server, house: SocketHouse): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: SOCKET_MESSAGE_BYTES_MAX, handleProtocols: (offered) => offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL });
  const graphql = makeServer<Record<string, unknown>, Extra>(protocol(house));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if ((request.url ?? '').split('?')[0] !== '/graphql') return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (open) => connect(graphql, open, request));
  });
  return {
    close() {
      for (const socket of sockets.clients) socket.close(1001, 'Going away');
      sockets.close();
    },
  };
}

function connect(graphql: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>, socket: WebSocket, request: IncomingMessage): void {
  let answersPing = true;
  let sent = 0;
  const pinging = setInterval(() => {
    if (!answersPing) return socket.terminate();
    answersPing = false;
    socket.ping();
  }, PING_MS);
  socket.on('pong', () => (answersPing = true));
  socket.on('error', () => socket.close(1009));
  const closed = graphql.opened(
    {
      protocol: socket.protocol,
      send(data) {
        const giveTurn = ++sent % EVENTS_PER_TURN === 0;
        return new Promise((resolve, reject) => {
          socket.send(data, (error) => (error ? reject(error) : giveTurn ? setImmediate(resolve) : resolve()));
        });
      },
      close: (code, reason) => socket.close(code, reason),
      onMessage: (receive) => socket.on('message', (data) => void receive(String(data)).catch(() => socket.close(1011, 'Internal error'))),
    },
    { socket, request },
  );
  socket.once('close', (code, reason) => {
    clearInterval(pinging);
    void closed(code, String(reason));
  });
}

function protocol(house: SocketHouse): ServerOptions<Record<string, unknown>, Extra> {
  const askedBy = ({ principal, request }: Extra): Asked => ({
    principal: principal!,
    correlationId: house.correlationOf(request),
    idempotencyKey: undefined,
    lastEventId: undefined,
  });
  const runArgs = async (args: { contextValue?: unknown }) => {
    const { asked, params } = args.contextValue as { asked: Asked; params: Parameters<typeof run>[2] };
    return (await run(house, asked, params)) as ExecutionResult;
  };
  return {
    async onConnect({ connectionParams, extra }) {
      const token = house.bearer(extra.request.headers.authorization) ?? house.bearer(connectionParams?.authorization ?? connectionParams?.Authorization);
      extra.principal = await house.authenticate(token);
      if (!extra.principal) extra.socket.close(4401, 'Unauthorized');
      return extra.principal !== undefined;
    },
    onSubscribe({ subscriptions, extra }, _id, { query, operationName, variables }) {
      if (Object.keys(subscriptions).length > OPERATIONS_PER_SOCKET_MAX) {
        return [new GraphQLError('Too many operations on this socket.', { extensions: { code: 'TOO_MANY_OPERATIONS' } })];
      }
      const asked = askedBy(extra);
      const { document, operation, refused } = check(house, asked, { query, operationName });
      if (refused) return refused.errors;
      const params = { query, operationName, variables, document: document!, operation: operation! };
      return { schema: house.execution.schema, document: document!, operationName, variableValues: variables, contextValue: { asked, params } };
    },
    execute: runArgs,
    subscribe: runArgs,
  };
}
