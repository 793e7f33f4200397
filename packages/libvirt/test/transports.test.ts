import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { PeerUnavailable, requirePeer, runCommand, startLibvirt, type LibvirtPeer } from '@virt-drivers/peers';
import { itWith } from '@virt-drivers/peers/jest';
import {
  connectGetHostname,
  connectGetUri,
  connectListAllDomains,
  domainDefineXmlFlags,
  domainUndefineFlags,
  openConnection,
  storagePoolLookupByName,
  storageVolCreateXml,
  storageVolDelete,
  storageVolUpload,
  type ConnectOptions,
} from '../src/index.js';

jest.setTimeout(30_000);

const xml = (name: string): string =>
  `<domain type="qemu"><name>${name}</name><memory unit="MiB">64</memory><os><type arch="x86_64">hvm</type></os></domain>`;
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .sort();

/** Debian's own interpreter, the one that has its python3-libvirt. */
const python = (...args: string[]): Promise<{ stdout: string }> =>
  runCommand('/usr/bin/python3', [fileURLToPath(new URL('interop.py', import.meta.url)), ...args]);
const hasPython = await requirePeer(async () => {
  await runCommand('/usr/bin/python3', ['-c', 'import libvirt']).catch(() => {
    throw new PeerUnavailable('python3-libvirt', 'it cannot be imported', 'Install the package python3-libvirt.');
  });
  return true;
});

const started: LibvirtPeer[] = [];
async function start(options: Parameters<typeof startLibvirt>[0]): Promise<LibvirtPeer | undefined> {
  const peer = await requirePeer(() => startLibvirt(options));
  if (peer) started.push(peer);
  return peer;
}
afterAll(async () => {
  await Promise.all(started.map((peer) => peer.stop()));
}, 30_000);

/** What must work over every transport, with the same URI in all three clients. */
function worksOver(name: string, peer: LibvirtPeer, uri: string, options: ConnectOptions = {}): void {
  it(`${name}: virsh and we see what the other has made`, async () => {
    await using connection = await openConnection(uri, options);
    expect(await connectGetHostname(connection)).toBe(peer.name);
    expect(await connectGetUri(connection)).toBe('qemu:///system');
    const own = await domainDefineXmlFlags(connection, xml('own'));
    expect(lines((await runCommand('virsh', ['-c', uri, 'list', '--all', '--name'])).stdout)).toEqual(['own']);
    await runCommand('virsh', ['-c', uri, 'undefine', 'own']);
    await expect(domainUndefineFlags(connection, own)).rejects.toMatchObject({ code: 'NO_DOMAIN' });
  });

  itWith(`${name}: python3-libvirt and we see what the other has made`, hasPython, async () => {
    await using connection = await openConnection(uri, options);
    const own = await domainDefineXmlFlags(connection, xml('own'));
    await python(uri, 'define', 'theirs');
    const names = (await connectListAllDomains(connection)).map((domain) => domain.name);
    expect(names.sort()).toEqual(['own', 'theirs']);
    expect(lines((await python(uri, 'list')).stdout)).toEqual(['own', 'theirs']);
    await python(uri, 'undefine', 'theirs');
    await domainUndefineFlags(connection, own);
    expect(await connectListAllDomains(connection)).toEqual([]);
  });

  it(`${name}: carries a stream`, async () => {
    await using connection = await openConnection(uri, options);
    const pool = await storagePoolLookupByName(connection, 'default');
    const volume = await storageVolCreateXml(
      connection,
      pool,
      '<volume><name>s.raw</name><capacity>4194304</capacity></volume>',
    );
    const upload = await storageVolUpload(connection, volume, 0n, 0n);
    await new Promise<void>((resolve, reject) => upload.once('error', reject).end(Buffer.alloc(4 << 20, 7), resolve));
    await storageVolDelete(connection, volume);
  });
}

const peer = await start({ tcp: true, tls: true, ssh: true });
const login = await start({ tls: true, sasl: true, saslMechanisms: ['scram-sha-256', 'plain', 'external'] });
const scratch = await mkdtemp(join(tmpdir(), 'transports-'));
afterAll(() => rm(scratch, { recursive: true }));

if (peer?.tcp && peer.tls && peer.ssh) {
  const { tcp, tls, ssh } = peer;
  const command = join(scratch, 'ssh');
  await writeFile(command, `#!/bin/sh\nexec ssh -o UserKnownHostsFile=${ssh.knownHostsFile} "$@"\n`);
  await chmod(command, 0o700);
  const sshUri = `${ssh.uri}?keyfile=${ssh.identityFile}&command=${command}&no_tty=1`;

  describe('transport', () => {
    worksOver('unix', peer, peer.uri);
    worksOver('tcp', peer, tcp.uri);
    worksOver('tls', peer, `${tls.uri}?pkipath=${tls.clientDirectory}`);
    worksOver('ssh', peer, sshUri);
  });

  describe('tls', () => {
    it('refuses a daemon that the CA has not certified, unless told not to verify', async () => {
      const other = join(scratch, 'other-ca');
      await runCommand('cp', ['-r', tls.clientDirectory, other]);
      await runCommand('openssl', [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=other',
        '-keyout',
        join(scratch, 'other-key.pem'),
        '-out',
        join(other, 'cacert.pem'),
      ]);
      await expect(openConnection(`${tls.uri}?pkipath=${other}`)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
      await using connection = await openConnection(`${tls.uri}?pkipath=${other}&no_verify=1`);
      expect(await connectGetHostname(connection)).toBe(peer.name);
    });

    it('refuses a daemon whose certificate the CA has taken back', async () => {
      const revoked = join(scratch, 'revoked');
      await runCommand('cp', ['-r', tls.clientDirectory, revoked]);
      const [index, configuration] = [join(scratch, 'index'), join(scratch, 'ca.conf')];
      await writeFile(index, '');
      await writeFile(
        configuration,
        `[ca]\ndefault_ca = d\n[d]\ndatabase = ${index}\ndefault_md = sha256\ndefault_crl_days = 1\n`,
      );
      const authority = tls.authority.certificate;
      const ca = ['-config', configuration, '-cert', authority, '-keyfile', authority.replace(/pem$/, 'key')];
      const list = ['-gencrl', '-out', join(revoked, 'cacrl.pem')];
      await runCommand('openssl', ['ca', ...ca, ...list]);
      await (await openConnection(`${tls.uri}?pkipath=${revoked}`)).close();
      await runCommand('openssl', ['ca', ...ca, '-revoke', authority.replace(/ca\.pem$/, 'server.pem')]);
      await runCommand('openssl', ['ca', ...ca, ...list]);
      await expect(openConnection(`${tls.uri}?pkipath=${revoked}`)).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        message: expect.stringContaining('revoked'),
      });
    });

    it('says so when the daemon wants a client certificate', async () => {
      const none = join(scratch, 'no-certificate');
      await runCommand('mkdir', [none]);
      await runCommand('cp', [join(tls.clientDirectory, 'cacert.pem'), none]);
      const refused = openConnection(`${tls.uri}?pkipath=${none}`);
      await expect(refused).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        message: expect.stringContaining('certificate'),
      });
    });

    it('names the file that is missing', async () => {
      await expect(openConnection(`${tls.uri}?pkipath=${scratch}/nothing`)).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        message: expect.stringContaining('nothing/cacert.pem'),
      });
    });
  });

  describe('ssh', () => {
    it.each(['native', 'netcat'])('reaches the daemon by %s alone', async (proxy) => {
      await using connection = await openConnection(`${sshUri}&proxy=${proxy}`);
      expect(await connectGetHostname(connection)).toBe(peer.name);
    });

    it('reaches the daemon by netcat where the helper is not installed', async () => {
      const programs = join(scratch, 'without-helper');
      await mkdir(programs);
      for (const program of ['sh', 'nc']) await symlink(`/bin/${program}`, join(programs, program));
      // Stands for ssh: gives the command line to a shell, as sshd does, of a host without virt-ssh-helper.
      const local = join(scratch, 'ssh-without-helper');
      await writeFile(local, `#!/bin/sh\nfor last; do :; done\nPATH=${programs} exec sh -c "$last"\n`, { mode: 0o700 });
      const uri = `qemu+ssh://localhost/system?command=${local}&proxy=auto&socket=${peer.socket}`;
      await using connection = await openConnection(uri);
      expect(await connectGetHostname(connection)).toBe(peer.name);
    });

    it('tells what ssh said when it fails', async () => {
      const refused = openConnection(`${ssh.uri}?keyfile=${scratch}/no-key&known_hosts=${ssh.knownHostsFile}&no_tty=1`);
      await expect(refused).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        message: expect.stringMatching(/ssh ended with 255.*denied/s),
      });
    });

    it('ends ssh with the connection', async () => {
      const connection = await openConnection(sshUri);
      const ended = new Promise((resolve) => connection.rpc.transport.stream.once('close', resolve));
      await connection.close();
      await ended;
    });
  });
}

if (login?.tls && login.sasl) {
  const uri = `${login.tls.uri}?pkipath=${login.tls.clientDirectory}`;
  const { user, password } = login.sasl;
  const name = login.name;

  describe('SASL', () => {
    it('logs in with SCRAM-SHA-256', async () => {
      await using connection = await openConnection(uri, { credentials: { username: user, password } });
      expect(await connectGetHostname(connection)).toBe(name);
    });

    it('logs in with PLAIN, which TLS hides, when the URI asks for it', async () => {
      await using connection = await openConnection(`${uri}&auth=sasl.PLAIN`, {
        credentials: { username: user, password },
      });
      expect(await connectGetHostname(connection)).toBe(name);
    });

    it.each(['', '&auth=sasl.PLAIN'])('is refused with a wrong password, which is not in the error%s', async (how) => {
      const credentials = { username: user, password: 'wrong-secret' };
      const refused = await openConnection(`${uri}${how}`, { credentials }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'AUTH_FAILED' });
      expect(String(refused) + JSON.stringify(refused)).not.toContain('wrong-secret');
    });

    it('knows that libvirtd 9.0 never offers EXTERNAL, though it may', async () => {
      // It tells cyrus-sasl how strong the transport is, but not who has proven to be behind it.
      await expect(openConnection(`${uri}&auth=sasl.EXTERNAL`)).rejects.toMatchObject({
        code: 'AUTH_UNAVAILABLE',
        message: expect.not.stringMatching(/mechanisms [^.]*EXTERNAL/),
      });
    });

    it("finds its login in libvirt's own file, as virsh does", async () => {
      const file = join(scratch, 'auth.conf');
      const lines = [
        ...['[credentials-tester]', `authname=${user}`, `password=${password}`],
        ...['[auth-libvirt-127.0.0.1]', 'credentials=tester', ''],
      ];
      await writeFile(file, lines.join('\n'), { mode: 0o600 });
      const told = await runCommand('virsh', ['-c', `${uri}&authfile=${file}`, 'hostname']);
      await using connection = await openConnection(`${uri}&authfile=${file}`);
      expect(await connectGetHostname(connection)).toBe(told.stdout.trim());
    });

    it('is refused without credentials, with the mechanisms that are offered', async () => {
      await expect(openConnection(uri)).rejects.toMatchObject({
        code: 'AUTH_UNAVAILABLE',
        message: expect.stringContaining('SCRAM-SHA-256'),
      });
    });
  });
}
