import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority, type Certificate, type CertificateAuthority } from './certificate-authority.js';
import type { Settings } from './libvirt-configuration.js';

/** TLS on the loopback address; clients need a certificate of the same authority. */
export interface TlsEndpoint {
  /** `qemu+tls://127.0.0.1:PORT/system`; virsh takes the files from `?pkipath=` {@link clientDirectory}. */
  readonly uri: string;
  readonly port: number;
  readonly authority: CertificateAuthority;
  readonly client: Certificate;
  /** Holds cacert.pem, clientcert.pem and clientkey.pem, the names that libvirt's own client looks for. */
  readonly clientDirectory: string;
}

export async function tlsEndpoint(
  directory: string,
  port: number,
  auth: 'none' | 'sasl',
): Promise<{ endpoint: TlsEndpoint; settings: Settings }> {
  const files = join(directory, 'tls');
  await mkdir(files, { mode: 0o700 });
  const authority = await certificateAuthority(files);
  const server = await authority.issue('server', 'serverAuth', ['IP:127.0.0.1', 'DNS:localhost']);
  const client = await authority.issue('client', 'clientAuth');
  const clientDirectory = join(files, 'virsh');
  await mkdir(clientDirectory);
  await copyFile(authority.certificate, join(clientDirectory, 'cacert.pem'));
  await copyFile(client.certificate, join(clientDirectory, 'clientcert.pem'));
  await copyFile(client.key, join(clientDirectory, 'clientkey.pem'));
  return {
    endpoint: { uri: `qemu+tls://127.0.0.1:${port}/system`, port, authority, client, clientDirectory },
    settings: {
      listen_tls: 1,
      tls_port: String(port),
      auth_tls: auth,
      ca_file: authority.certificate,
      cert_file: server.certificate,
      key_file: server.key,
    },
  };
}
