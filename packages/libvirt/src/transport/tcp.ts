import type { LibvirtUri } from '../uri.js';
import { connected } from './connected.js';
import { connectSocket } from './socket.js';
import type { Transport } from './transport.js';

const DEFAULT_PORT = 16509;

/** Bare TCP, unencrypted: for trusted networks only. */
export async function connectTcp(uri: LibvirtUri, signal: AbortSignal): Promise<Transport> {
  const port = uri.port ?? DEFAULT_PORT;
  // Calls are small and wait for answers; they must not wait for more to send.
  const transport = connectSocket({ host: uri.host, port, noDelay: true });
  await connected(transport.stream, 'connect', `the libvirt daemon at ${uri.host}:${port}`, signal);
  return transport;
}
