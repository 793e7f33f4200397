import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.js';

/** An sshd inside the peer, on the loopback address, where `virt-ssh-helper` and `virsh` find the peer's libvirtd. */
export interface SshEndpoint {
  /** `qemu+ssh://root@127.0.0.1:PORT/system` */
  readonly uri: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: 'root';
  /** File of the private key that is let in. */
  readonly identityFile: string;
  /** File that names the server's key, for `UserKnownHostsFile`. */
  readonly knownHostsFile: string;
}

/** Writes throw-away keys and `ssh/sshd_config`, which the peer's host starts sshd with. */
export async function sshEndpoint(directory: string, port: number): Promise<SshEndpoint> {
  const ssh = join(directory, 'ssh');
  await mkdir(ssh);
  const [identityFile, hostKey] = [join(ssh, 'identity'), join(ssh, 'host_key')];
  for (const file of [identityFile, hostKey]) {
    await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'peer', '-f', file]);
  }
  await copyFile(`${identityFile}.pub`, join(ssh, 'authorized_keys'));
  const knownHostsFile = join(ssh, 'known_hosts');
  await writeFile(knownHostsFile, `[127.0.0.1]:${port} ${await readFile(`${hostKey}.pub`, 'utf8')}`);
  await writeFile(join(ssh, 'sshd_config'), serverConfiguration(ssh, port));
  const uri = `qemu+ssh://root@127.0.0.1:${port}/system`;
  return { uri, host: '127.0.0.1', port, user: 'root', identityFile, knownHostsFile };
}

function serverConfiguration(ssh: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(ssh, 'host_key')}`,
    `AuthorizedKeysFile ${join(ssh, 'authorized_keys')}`,
    'PidFile /run/sshd.pid',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    // The directories above belong to root, but the system's own /var/lib may have modes that sshd dislikes.
    'StrictModes no',
    '',
  ].join('\n');
}
