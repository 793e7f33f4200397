import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { normalThumbprint, reasonToRefuse, type ToldTrust } from './server-trust.js';

/** More calls at once wait for a connection; a vCenter serves a client no faster by more. */
const CONNECTIONS = 16;
/** Idle connections are ended before servers and firewalls do it, which would look like a lost call. */
const IDLE_MS = 15_000;
/** So long a server may stay silent before the connection is there. */
const CONNECT_MS = 30_000;

/** An agent whose connections are judged by `tls` before they carry anything. */
export function createAgent(url: URL, tls: ToldTrust, keepAlive: boolean): HttpAgent {
  const options = { keepAlive, maxSockets: CONNECTIONS, scheduling: 'lifo' as const };
  const agent = url.protocol === 'https:' ? new TrustingAgent(tls, options) : new HttpAgent(options);
  agent.on('free', (socket: Duplex & { setTimeout?: (ms: number) => void }) => socket.setTimeout?.(IDLE_MS));
  return agent;
}

interface Connecting {
  readonly host?: string | undefined;
  readonly port?: string | number | undefined;
}

class TrustingAgent extends HttpsAgent {
  /** Those that the agent does not know yet. */
  private readonly connecting = new Set<TLSSocket>();

  constructor(
    private readonly trust: ToldTrust,
    options: object,
  ) {
    // A resumed session would not show its certificate again.
    super({ ...options, maxCachedSessions: 0 });
    if (trust.thumbprint !== undefined) normalThumbprint(trust.thumbprint);
  }

  override createConnection(
    { host = 'localhost', port = 443 }: Connecting,
    done: (error: Error | null, socket?: Duplex) => void,
  ) {
    const { ca } = this.trust;
    const socket = connect({
      host,
      port: Number(port),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
      // Judged below, where the certificate can still be named in the error; nothing is sent before that.
      rejectUnauthorized: false,
    });
    socket.setNoDelay(true);
    this.connecting.add(socket);
    const fail = (error: Error) => {
      this.connecting.delete(socket);
      done(error);
    };
    socket.once('error', fail);
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('no answer to the TLS handshake')));
    socket.once('secureConnect', () => {
      socket.off('error', fail).setTimeout(0).removeAllListeners('timeout');
      this.connecting.delete(socket);
      const refusal = reasonToRefuse(socket, `${host}:${port}`, this.trust);
      if (refusal) {
        socket.destroy();
        done(refusal);
      } else done(null, socket);
    });
    return undefined;
  }

  override destroy(): void {
    for (const socket of this.connecting) socket.destroy(new Error('the client was closed'));
    super.destroy();
  }
}
