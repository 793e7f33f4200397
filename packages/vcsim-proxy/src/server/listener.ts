import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';

/** PEM texts of a certificate and its key. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A server that listens on 127.0.0.1. */
export interface Listener {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** New connections see another certificate, and the old ones end. */
  changeCertificate(tls: ServerCertificate): void;
  /** Resets the connection of a request, with or without TLS. */
  reset(socket: Socket | null): void;
  /** Ends all connections at once, whatever they are doing. */
  dropConnections(): void;
  close(): Promise<void>;
}

export async function listen(
  answer: RequestListener,
  { port, tls }: { port: number; tls: ServerCertificate | undefined },
): Promise<Listener> {
  const secure = tls && createSecureServer({ cert: tls.certificate, key: tls.key }, answer);
  const server: Server | SecureServer = secure ?? createServer(answer);
  // A TLS socket cannot be reset, only the connection below it can.
  const connections = new Map<number, Socket>();
  server.on('connection', (socket: Socket) => {
    // The server keeps the process alive, and no connection that a client keeps for later.
    socket.unref();
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    connections.set(remotePort, socket);
    socket.once('close', () => connections.delete(remotePort));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The proxy listens on no port.');
  return {
    origin: `${secure ? 'https' : 'http'}://127.0.0.1:${address.port}`,
    changeCertificate({ certificate, key }) {
      if (!secure) throw new TypeError('The proxy serves no TLS, so it has no certificate to change.');
      secure.setSecureContext({ cert: certificate, key });
      server.closeAllConnections();
    },
    reset: (socket) => void connections.get(socket?.remotePort ?? 0)?.resetAndDestroy(),
    dropConnections: () => server.closeAllConnections(),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
