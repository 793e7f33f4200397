import type { LibvirtUri } from '../uri.js';
import { connectTcp } from './tcp.js';
import type { Transport } from './transport.js';
import { connectUnix } from './unix.js';

/**
 * Opens the byte stream that a URI asks for; resolves when data can be sent. What a transport needs of Node (TLS,
 * processes) is loaded with it: that is most of the time that importing this package would take.
 */
export async function openTransport(uri: LibvirtUri, readOnly: boolean, signal: AbortSignal): Promise<Transport> {
  switch (uri.transport) {
    case 'unix':
      return connectUnix(uri, readOnly, signal);
    case 'tcp':
      return connectTcp(uri, signal);
    case 'tls':
      return (await import('./tls.js')).connectTls(uri, signal);
    case 'ssh':
      return (await import('./ssh.js')).connectSsh(uri, readOnly, signal);
  }
}
