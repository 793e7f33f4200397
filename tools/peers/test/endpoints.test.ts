import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { requirePeer, runCommand, startLibvirt, type Certificate, type LibvirtPeer } from '../src/index.js';
import { certificateAuthority } from '../src/certificate-authority.js';
import { describeWith } from '../src/jest.js';

const peer = await requirePeer(() => startLibvirt({ tcp: true, sasl: true, ssh: true }));
afterAll(() => peer?.stop());

async function answer(uri: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return (await runCommand('env', [...variables, 'virsh', '-c', uri, 'uri'], { timeoutMs: 20_000 })).stdout;
}

describeWith('the endpoints of a libvirt peer', peer, (peer) => {
  const host = peer as LibvirtPeer;
  const tls = host?.tls;
  const login = (directory: string, password: string) =>
    writeFile(
      join(directory, 'auth.conf'),
      `[credentials-me]\nauthname=${host.sasl?.user}\npassword=${password}\n\n[auth-libvirt-default]\ncredentials=me\n`,
    );

  it('tcp needs nothing', async () => {
    expect(await answer(host.tcp?.uri ?? '')).toContain('qemu+tcp:');
  });

  it('tls needs a certificate of the authority and the password', async () => {
    const directory = await mkdtemp(join(host.directory, 'client-'));
    const env = { LIBVIRT_AUTH_FILE: join(directory, 'auth.conf') };
    const uri = `${tls?.uri}?pkipath=${tls?.clientDirectory}`;
    await login(directory, host.sasl?.password ?? '');
    expect(await answer(uri, env)).toContain('qemu+tls:');
    await login(directory, 'wrong');
    await expect(answer(uri, env)).rejects.toThrow('authentication failed');
    await rm(directory, { recursive: true });
  });

  /** libvirtd greets an accepted client with one byte, and hangs up on another. */
  async function knock(certificate?: Certificate): Promise<'let in' | 'hung up'> {
    const read = (file: string) => readFile(file);
    const socket = connect({
      host: '127.0.0.1',
      port: tls?.port ?? 0,
      ca: await read(tls?.authority.certificate ?? ''),
      ...(certificate && { cert: await read(certificate.certificate), key: await read(certificate.key) }),
    });
    return new Promise((resolve) => {
      socket.on('data', () => socket.destroy() && resolve('let in'));
      // A reset is one of the ways to hang up.
      socket.on('error', () => undefined);
      socket.on('close', () => resolve('hung up'));
    });
  }

  it('tls lets in clients with a certificate of the authority only', async () => {
    expect(await knock(tls?.client)).toBe('let in');
    expect(await knock()).toBe('hung up');
    const strangers = await mkdtemp(join(host.directory, 'client-'));
    const stranger = await (await certificateAuthority(strangers)).issue('client', 'clientAuth');
    expect(await knock(stranger)).toBe('hung up');
  });

  it('ssh reaches the daemon inside', async () => {
    const { identityFile, knownHostsFile, port } = host.ssh!;
    const options = ['-F', 'none', '-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${knownHostsFile}`];
    const args = [...options, '-i', identityFile, '-p', String(port), 'root@127.0.0.1', 'virsh', 'hostname'];
    expect((await runCommand('ssh', args)).stdout).toContain(host.name);
  });
});
