import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';

const DEFAULT_QUERY = `# Put your token into the Headers tab below, then press Ctrl-Enter.
query Hello {
  __typename
}
`;

/** Nothing is loaded from elsewhere, and the browser is told to hold the page to it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "frame-ancestors 'none'",
].join('; ');

/** Whether a request asks for GraphiQL's page rather than for data. */
export function wantsPage({ method, headers: { accept } }: IncomingMessage): boolean {
  return method === 'GET' && (accept ?? '').includes('text/html');
}

/** Sends GraphiQL. The page is 9 MB of script: loaded by the first visitor, kept compressed only. */
export function graphiqlPage(defaultQuery = DEFAULT_QUERY): (request: IncomingMessage, response: ServerResponse) => void {
  let compressed: Buffer | undefined;
  return (request, response) => {
    compressed ??= renderPage(defaultQuery);
    const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      vary: 'accept, accept-encoding',
      ...(takesGzip && { 'content-encoding': 'gzip' }),
    });
    response.end(takesGzip ? compressed : gunzipSync(compressed));
  };
}

function renderPage(defaultQuery: string): Buffer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- 72 MB of memory that a server without visitors is spared
  const { renderGraphiQL } = require('@graphql-yoga/render-graphiql') as typeof import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Evenkeel',
    defaultQuery,
    headers: JSON.stringify({ Authorization: 'Bearer ' }, null, 2),
    shouldPersistHeaders: true,
    subscriptionsProtocol: 'GRAPHQL_SSE',
  });
  return gzipSync(html);
}
