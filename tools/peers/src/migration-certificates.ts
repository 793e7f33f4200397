import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority } from './certificate-authority.js';

/**
 * Writes what QEMU needs on both sides of an encrypted migration to one of `addresses`, below a directory that the guests'
 * account may enter; resolves to the value of the setting `migrate_tls_x509_cert_dir` of both peers.
 */
export async function migrationCertificates(directory: string, addresses: readonly string[]): Promise<string> {
  const made = join(directory, 'authority');
  const files = join(directory, 'migration');
  for (const path of [made, files]) await mkdir(path);
  const authority = await certificateAuthority(made);
  const server = await authority.issue(
    'server',
    'serverAuth',
    addresses.map((address) => `IP:${address}`),
  );
  const client = await authority.issue('client', 'clientAuth');
  const place = async (file: string, name: string): Promise<void> => {
    await copyFile(file, join(files, name));
    // Keys that live for a day, for machines of tests; QEMU's account has to read them.
    await chmod(join(files, name), 0o644);
  };
  await place(authority.certificate, 'ca-cert.pem');
  await place(server.certificate, 'server-cert.pem');
  await place(server.key, 'server-key.pem');
  await place(client.certificate, 'client-cert.pem');
  await place(client.key, 'client-key.pem');
  return files;
}
