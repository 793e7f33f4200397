import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { LibvirtError } from '../libvirt-error.js';
import type { LibvirtUri } from '../uri.js';
import { connected } from './connected.js';
import { readTlsCredentials } from './tls-credentials.js';
import { transportOver, type Transport } from './transport.js';

const DEFAULT_PORT = 16514;
/** What the daemon sends inside TLS once it has accepted the client's certificate. */
const ACCEPTED = 1;

/** TLS with certificates on both sides; the daemon's is verified unless the URI says `no_verify=1`. */
export async function connectTls(uri: LibvirtUri, signal: AbortSignal): Promise<Transport> {
  const port = uri.port ?? DEFAULT_PORT;
  const peer = `the libvirt daemon at ${uri.host}:${port}`;
  const credentials = await readTlsCredentials(uri.parameters.get('pkipath'));
  const stream = connect({
    ...credentials,
    host: uri.host,
    port,
    ...(isIP(uri.host) === 0 ? { servername: uri.host } : {}),
    rejectUnauthorized: uri.parameters.get('no_verify') !== '1',
    minVersion: 'TLSv1.2',
  });
  stream.setNoDelay(true);
  await connected(stream, 'secureConnect', peer, signal);
  await acceptance(stream, peer, signal);
  return transportOver(stream);
}

async function acceptance(stream: TLSSocket, peer: string, signal: AbortSignal): Promise<void> {
  const refused = 'it ended the connection after the handshake. It very probably refuses the client certificate';
  const ended = once(stream, 'close').then(() => refused);
  const answer = readByte(stream, signal).then((byte) => (byte === ACCEPTED ? undefined : refused));
  const problem = await Promise.race([answer, ended]).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    return String(error);
  });
  if (problem === undefined) return;
  stream.destroy();
  throw new LibvirtError('CONNECT_FAILED', `Connection to ${peer} failed: ${problem}.`);
}

async function readByte(stream: TLSSocket, signal: AbortSignal): Promise<number | undefined> {
  for (;;) {
    // `read` gives a Buffer in a stream without an encoding.
    const byte = stream.read(1) as Buffer | null;
    if (byte) return byte[0];
    await once(stream, 'readable', { signal });
  }
}
