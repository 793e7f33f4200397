import type { LibvirtUri } from '../uri.js';
import { connected } from './connected.js';
import { connectSocket } from './socket.js';
import { socketPath, usesUserDaemon } from './socket-path.js';
import type { Transport } from './transport.js';

/** A daemon on this machine; the user's own is started when it does not run. */
export async function connectUnix(uri: LibvirtUri, readOnly: boolean, signal: AbortSignal): Promise<Transport> {
  const path = socketPath(uri, readOnly);
  try {
    return await connectPath(path, signal);
  } catch (error) {
    const startable = usesUserDaemon(uri) && !uri.parameters.has('socket') && process.env['LIBVIRT_AUTOSTART'] !== '0';
    if (!startable || signal.aborted) throw error;
    await (await import('./session-daemon.js')).startSessionDaemon(path, error, signal);
    return connectPath(path, signal);
  }
}

async function connectPath(path: string, signal: AbortSignal): Promise<Transport> {
  const transport = connectSocket({ path });
  await connected(transport.stream, 'connect', `the libvirt daemon at ${path}`, signal);
  return transport;
}
