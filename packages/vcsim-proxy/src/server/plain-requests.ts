import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Sessions } from '../behaviours/sessions.js';
import { endToEnd, type Upstream } from '../chain/upstream.js';

/** Answers a request itself, or says that it is not concerned. */
export type PlainHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Passes everything that is no SOAP on, as a stream; files need a session or a ticket, as with a real server. */
export function plainRequests(upstream: Upstream, sessions: Sessions, handlers: readonly PlainHandler[]) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const handle of handlers) if (await handle(request, response)) return;
    if (request.url?.startsWith('/folder') && !sessions.admit(request.headers.cookie)) {
      request.resume();
      response.writeHead(401, { 'www-authenticate': 'Basic realm="VMware HTTP server"' }).end();
      return;
    }
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const answer = await upstream.stream({ method: request.method, path: request.url, headers }, request);
    const length = answer.headers['content-length'];
    response.writeHead(answer.statusCode ?? 502, {
      ...endToEnd(answer.headers),
      ...(length === undefined ? {} : { 'content-length': length }),
    });
    await pipeline(answer, response);
  };
}
