import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.js';

/** Who may log in by SASL. */
export interface SaslAccount {
  readonly user: string;
  readonly password: string;
}

/** Writes the directory that becomes the peer's /etc/sasl2, with one account in it. */
export async function saslAccount(
  directory: string,
  hostName: string,
  mechanisms: readonly string[] = ['scram-sha-256'],
): Promise<SaslAccount> {
  const sasl = join(directory, 'sasl2');
  const database = join(sasl, 'accounts.db');
  await mkdir(sasl, { mode: 0o700 });
  await writeFile(join(sasl, 'libvirt.conf'), `mech_list: ${mechanisms.join(' ')}\nsasldb_path: ${database}\n`);
  const account = { user: 'tester', password: randomBytes(12).toString('hex') };
  // The realm is the host name of the server, which is what libvirtd asks for.
  const args = ['-p', '-c', '-f', database, '-a', 'libvirt', '-u', hostName, account.user];
  await runCommand('saslpasswd2', args, { input: account.password });
  return account;
}
