import type { LibvirtUri } from '../uri.js';
import { connectSsh } from './ssh.js';
import { connectTcp } from './tcp.js';
import { connectTls } from './tls.js';
import type { Transport } from './transport.js';
import { connectUnix } from './unix.js';

/** Opens the byte stream that a URI asks for; resolves when data can be sent. */
export function openTransport(uri: LibvirtUri, readOnly: boolean, signal: AbortSignal): Promise<Transport> {
  switch (uri.transport) {
    case 'unix':
      return connectUnix(uri, readOnly, signal);
    case 'tcp':
      return connectTcp(uri, signal);
    case 'tls':
      return connectTls(uri, signal);
    case 'ssh':
      return connectSsh(uri, readOnly, signal);
  }
}
