import type { Duplex } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';
import type { LibvirtUri } from '../uri.js';
import { socketPath } from './socket-path.js';
import { connectSocket } from './socket.js';
import type { Transport } from './transport.js';

/** Opens the byte stream that a URI asks for; resolves when data can be sent. Destroys it when it gives up. */
export async function openTransport(uri: LibvirtUri, readOnly: boolean, signal: AbortSignal): Promise<Transport> {
  if (uri.transport !== 'unix') {
    throw new LibvirtError('INVALID_ARGUMENT', `Transport ${uri.transport} is not available in this version of the library.`);
  }
  const path = socketPath(uri, readOnly);
  const transport = connectSocket({ path });
  await connected(transport.stream, 'connect', `the libvirt daemon at ${path}`, signal);
  return transport;
}

/** Waits for a stream's own sign that it is open; destroys it when the attempt is given up. */
export function connected(stream: Duplex, event: string, peer: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      stream.off('error', onError).off(event, onOpen);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onOpen = (): void => settle(() => resolve());
    const onError = (error: NodeJS.ErrnoException): void => settle(() => reject(connectFailed(peer, error)));
    const onAbort = (): void => settle(() => {
      stream.destroy();
      reject(signal.reason);
    });
    stream.once(event, onOpen).once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'Is the daemon installed and running?',
  ECONNREFUSED: 'Nothing listens there: is the daemon running?',
  EACCES: 'This user may not use the socket: join the group that owns it (usually libvirt), or allow it in libvirtd.conf.',
};

export function connectFailed(peer: string, error: NodeJS.ErrnoException): LibvirtError {
  const advice = ADVICE[error.code ?? ''] ?? '';
  return new LibvirtError('CONNECT_FAILED', `Connection to ${peer} failed: ${error.message}. ${advice}`.trim(), { cause: error });
}
