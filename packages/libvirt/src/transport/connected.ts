import type { Duplex } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';

/** Waits for a stream's own sign that it is open; destroys it when the attempt is given up. */
export function connected(stream: Duplex, event: string, peer: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      stream.off('error', onError).off(event, onOpen);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onOpen = (): void => settle(resolve);
    const onError = (error: NodeJS.ErrnoException): void => settle(() => reject(connectFailed(peer, error)));
    const onAbort = (): void =>
      settle(() => {
        // A failure that follows from giving up has nobody left to tell.
        stream.on('error', () => undefined).destroy();
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
  EACCES:
    'This user may not use the socket: join the group that owns it (usually libvirt), or allow it in libvirtd.conf.',
  ENOTFOUND: 'The name of the host is unknown.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The daemon is not certified by the CA in use: check ?pkipath=.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The daemon is not certified by the CA in use: check ?pkipath=.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name: connect by that name.',
};

function connectFailed(peer: string, error: NodeJS.ErrnoException): LibvirtError {
  const advice = ADVICE[error.code ?? ''] ?? '';
  return new LibvirtError('CONNECT_FAILED', `Connection to ${peer} failed: ${error.message}. ${advice}`.trim(), {
    cause: error,
  });
}
