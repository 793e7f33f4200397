import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { Answer } from '../soap/answer.js';
import { contentOf, faultTypeOf } from '../soap/answer.js';
import { envelopeOf, type Call, type Reference } from '../soap/call.js';
import { element, childrenOf, type Element } from '../xml/element.js';
import { writeXml } from '../xml/write.js';

/** The simulator behind the proxy. */
export interface Upstream {
  /** Passes a request on and answers what came back, its body unread. After `gone` the wait for it keeps no process alive. */
  stream(options: RequestOptions, body?: NodeJS.ReadableStream | Buffer, gone?: AbortSignal): Promise<IncomingMessage>;
  send(call: Call): Promise<Answer>;
  /** Calls a method for the session of a call; answers the `returnval` elements. Throws {@link UpstreamFault}. */
  invoke(call: Call, self: Reference, method: string, parameters?: readonly Element[]): Promise<readonly Element[]>;
  close(): void;
}

/** The simulator refused a call of the proxy's own. */
export class UpstreamFault extends Error {
  override readonly name = 'UpstreamFault';
  constructor(
    readonly method: string,
    readonly fault: string,
    readonly answer: Answer,
  ) {
    super(`The simulator answered ${method} with ${fault}.`);
  }
}

/** `ca` is the PEM text of the authority that the simulator's certificate is checked against. */
export function upstreamAt(url: URL, ca?: string): Upstream {
  const secure = url.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true, ca }) : new HttpAgent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;

  const stream: Upstream['stream'] = (options, body, gone) =>
    new Promise((resolve, reject) => {
      const request = send({ hostname: url.hostname, port: url.port, agent, ...options }, resolve);
      if (gone) keepNobody(request, gone);
      request.on('error', reject);
      if (body && !Buffer.isBuffer(body)) body.on('error', (error) => request.destroy(error)).pipe(request);
      else request.end(body);
    });

  async function post({
    path,
    headers,
    envelope,
    gone,
  }: Pick<Call, 'path' | 'headers' | 'envelope' | 'gone'>): Promise<Answer> {
    const body = Buffer.from(writeXml(envelope));
    const { cookie, 'user-agent': agentName } = headers;
    const answer = await stream(
      {
        method: 'POST',
        path,
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          'content-length': body.length,
          soapaction: headers.soapaction ?? 'urn:vim25',
          ...(cookie === undefined ? {} : { cookie }),
          ...(agentName === undefined ? {} : { 'user-agent': agentName }),
        },
      },
      body,
      gone,
    );
    return { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: await buffer(answer) };
  }

  return {
    stream,
    send: post,
    async invoke(call, self, method, parameters = []) {
      const operation = element(method, [element('_this', self.value, { type: self.type }), ...parameters]);
      const answer = await post({ path: '/sdk', headers: call.headers, envelope: envelopeOf(operation) });
      if (answer.status !== 200) throw new UpstreamFault(method, faultTypeOf(answer) ?? String(answer.status), answer);
      return childrenOf(contentOf(answer), 'returnval');
    },
    close: () => agent.destroy(),
  };
}

/**
 * A client that left a wait for changes may come back for them, so the wait goes on; but the simulator, which answers it
 * within a minute, would keep a process alive for it that has nothing else to do.
 */
function keepNobody(request: ClientRequest, gone: AbortSignal): void {
  const letGo = () => {
    if (request.socket) request.socket.unref();
    else request.once('socket', (socket) => socket.unref());
  };
  if (gone.aborted) return letGo();
  gone.addEventListener('abort', letGo, { once: true });
  // Then the connection may be another request's.
  request.once('close', () => gone.removeEventListener('abort', letGo));
}

/** Without the headers that belong to one connection, and the length, which may change. */
export function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection: _c, 'keep-alive': _k, 'transfer-encoding': _t, 'content-length': _l, ...others } = headers;
  return others;
}
