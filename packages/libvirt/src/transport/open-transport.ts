import type { Duplex } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';
import type { LibvirtUri } from '../uri.js';
import { socketPath } from './socket-path.js';
import { connectUnix } from './unix.js';

/** Opens the byte stream that a URI asks for; resolves when data can be sent. Destroys it when it gives up. */
export async function openTransport(uri: LibvirtUri, readOnly: boolean, signal: AbortSignal): Promise<Duplex> {
  if (uri.transport !== 'unix') {
    throw new LibvirtError('INVALID_ARGUMENT', `Transport ${uri.transport} is not available in this version of the library.`);
  }
  const path = socketPath(uri, readOnly);
  return connected(connectUnix(path), 'connect', `the libvirt daemon at ${path}`, signal);
}

/** Waits for a transport's own sign that it is open. */
export function connected<T extends Duplex>(transport: T, event: string, peer: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      transport.off('error', onError).off(event, onOpen);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onOpen = (): void => settle(() => resolve(transport));
    const onError = (error: NodeJS.ErrnoException): void => settle(() => reject(connectFailed(peer, error)));
    const onAbort = (): void => settle(() => {
      transport.destroy();
      reject(signal.reason);
    });
    transport.once(event, onOpen).once('error', onError);
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
