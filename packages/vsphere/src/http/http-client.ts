import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isVsphereError, VsphereError } from '../errors/vsphere-error.js';
import { createAgent } from './agent.js';
import { sendBody } from './request-body.js';
import type { ToldTrust } from './server-trust.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Absolute, or relative to the client's address. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A stream is read only as fast as the server takes it. */
  readonly body?: string | AsyncIterable<Uint8Array> | undefined;
  readonly signal: AbortSignal;
  /** Not over a connection that was used before: the server may have ended it, and a long body cannot be sent twice. */
  readonly ownConnection?: boolean | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  readonly body: IncomingMessage;
}

/** The owner of the connections to one server. */
export class HttpClient {
  private readonly agents = new Map<string, Agent>();
  private closed = false;

  constructor(
    readonly url: URL,
    readonly tls: ToldTrust,
  ) {}

  /**
   * Resolves with the head of the answer. The signal's reason is the error when it fires, also while the body is read.
   * @throws VsphereError `CONNECT_FAILED`, `CERTIFICATE_REFUSED`, `CONNECTION_LOST`, `CLOSED`
   */
  send(request: HttpRequest, tls: ToldTrust = this.tls): Promise<HttpAnswer> {
    const { method, headers, body, signal } = request;
    const url = new URL(request.url, this.url);
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(closedError(url));
      if (signal.aborted) return reject(signal.reason);
      const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const agent = this.agent(url, tls, request.ownConnection !== true);
      const sent = start(url, { method, headers: { ...headers }, agent });
      const abort = () => sent.destroy(asError(signal.reason));
      signal.addEventListener('abort', abort, { once: true });
      sent.on('close', () => signal.removeEventListener('abort', abort));
      const connected = watchConnecting(sent);
      sent.on('error', (error) => reject(connectionError(url, error, connected())));
      sent.once('response', (message) =>
        resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message }),
      );
      if (body === undefined || typeof body === 'string') sent.end(body);
      else sendBody(sent, body).catch((error: unknown) => sent.destroy(asError(error)));
    });
  }

  /** Ends every connection. */
  close(): void {
    this.closed = true;
    for (const agent of this.agents.values()) agent.destroy();
  }

  /** One for each way of judging certificates: hosts behind a vCenter are pinned one by one. */
  private agent(url: URL, tls: ToldTrust, keepAlive: boolean): Agent {
    const key = JSON.stringify([url.protocol, tls, keepAlive]);
    const known = this.agents.get(key);
    if (known) return known;
    const made = createAgent(url, tls, keepAlive);
    this.agents.set(key, made);
    return made;
  }
}

/** Whether the connection was there: one that is reused, or that the agent gave after its handshake, is. */
function watchConnecting(sent: ClientRequest): () => boolean {
  let connected = false;
  sent.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => (connected = true));
    else connected = true;
  });
  return () => connected;
}

function closedError(url: URL): VsphereError {
  return new VsphereError('CLOSED', `The client of ${url.host} is closed.`);
}

/** What a failed exchange is, by what had happened before. Errors of ours pass as they are. */
export function connectionError(url: URL, error: unknown, connected: boolean): Error {
  if (isVsphereError(error)) return error;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return connected
    ? new VsphereError('CONNECTION_LOST', `The connection to ${url.host} was lost: ${reason}.`, {
        sent: true,
        cause: error,
      })
    : new VsphereError('CONNECT_FAILED', `There is no connection to ${url.host}: ${reason}.`, { cause: error });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new VsphereError('CANCELLED', String(reason), { sent: true });
}
