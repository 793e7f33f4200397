import { chmod, chown, cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { missingPrograms, PeerUnavailable, requirePeer, startLibvirt, type LibvirtPeer } from '@virt-drivers/peers';
import { localPrograms } from './local-programs.js';

jest.setTimeout(90_000);

const NOBODY = 65534;
const programs = await localPrograms();
const started: LibvirtPeer[] = [];
afterAll(async () => {
  await Promise.all(started.map((peer) => peer.stop()));
  await programs.close();
}, 30_000);

async function start(options: Parameters<typeof startLibvirt>[0]): Promise<LibvirtPeer | undefined> {
  const peer = await requirePeer(() => startLibvirt(options));
  if (peer) started.push(peer);
  return peer;
}

/** A home for the user `nobody`. */
async function home(name: string): Promise<NodeJS.ProcessEnv> {
  const directory = join(programs.directory, name);
  await mkdir(directory);
  await chown(directory, NOBODY, NOBODY);
  return { HOME: directory, XDG_RUNTIME_DIR: directory };
}

const peer = await start({ tls: true });
if (peer?.tls) {
  const { tls } = peer;
  const sockets = join(peer.directory, 'run/libvirt');

  describe("the system's daemon at its usual place", () => {
    it('is found, and lets root change things', async () => {
      expect(await programs.run(peer, { uri: 'qemu:///system', change: true })).toEqual({
        uri: 'qemu:///system',
        changes: true,
      });
    });

    it('lets nobody change anything over a read-only connection', async () => {
      expect(await programs.run(peer, { uri: 'qemu:///system', change: true, readOnly: true })).toEqual({
        uri: 'qemu:///system',
        changes: 'OPERATION_DENIED',
      });
    });

    it('is a modular one where its socket is there', async () => {
      await rename(join(sockets, 'libvirt-sock'), join(sockets, 'virtqemud-sock'));
      try {
        expect(await programs.run(peer, { uri: 'qemu:///system' })).toEqual({ uri: 'qemu:///system' });
        expect(await programs.run(peer, { uri: 'qemu:///system?mode=legacy' })).toMatchObject({
          code: 'CONNECT_FAILED',
          message: expect.stringContaining('/run/libvirt/libvirt-sock'),
        });
      } finally {
        await rename(join(sockets, 'virtqemud-sock'), join(sockets, 'libvirt-sock'));
      }
    });

    it.each(['xen:///system', 'lxc:///system', 'ch:///system'])(
      'says in a typed error that it has no driver for %s',
      async (uri) => {
        expect(await programs.run(peer, { uri })).toMatchObject({
          code: expect.stringMatching(/^(NO_CONNECT|NO_SUPPORT|CONFIG_UNSUPPORTED|INVALID_ARG)$/),
        });
      },
    );
  });

  describe("a user's own daemon", () => {
    it('is started when it does not run, and then used by every client', async () => {
      // Like that of most users, this PATH lacks the places of daemons.
      const env = { ...(await home('session')), PATH: '/usr/bin:/bin' };
      const started = await programs.run(peer, { uri: 'qemu:///session', user: 'nobody', env });
      expect(started).toEqual({ uri: 'qemu:///session' });
      const daemons = (): number[] =>
        peer.processes().flatMap(({ pid, args }) => (args.includes('--timeout=120') ? [pid] : []));
      const [first] = daemons();
      expect(first).toBeGreaterThan(0);
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value ?? ''}`);
      const as = ['--reuid=nobody', '--regid=nogroup', '--clear-groups', 'env', ...variables];
      const virsh = await peer.exec('setpriv', [...as, 'virsh', '-c', 'qemu:///session', 'uri']);
      expect(virsh.stdout.trim()).toBe('qemu:///session');
      expect(await programs.run(peer, { uri: 'qemu:///session', user: 'nobody', env })).toEqual(started);
      expect(daemons()).toEqual([first]);
    });
  });

  describe('certificates', () => {
    it("come from the user's directory", async () => {
      const env = await home('certified');
      const own = join(env['HOME'] ?? '', '.pki/libvirt');
      await cp(tls.clientDirectory, own, { recursive: true });
      for (const file of ['', 'cacert.pem', 'clientcert.pem', 'clientkey.pem']) {
        await chown(join(own, file), NOBODY, NOBODY);
      }
      expect(await programs.run(peer, { uri: tls.uri, user: 'nobody', env })).toEqual({ uri: 'qemu:///system' });
    });

    it("come from the system's directories for root", async () => {
      const etc = join(programs.directory, 'etc');
      await mkdir(join(etc, 'pki/libvirt/private'), { recursive: true });
      const from = (file: string): string => join(tls.clientDirectory, file);
      await cp(from('cacert.pem'), join(etc, 'pki/CA/cacert.pem'));
      await cp(from('clientcert.pem'), join(etc, 'pki/libvirt/clientcert.pem'));
      await cp(from('clientkey.pem'), join(etc, 'pki/libvirt/private/clientkey.pem'));
      expect(await programs.run(peer, { uri: tls.uri, etc })).toEqual({ uri: 'qemu:///system' });
    });

    it('that are nowhere are missed by name', async () => {
      expect(await programs.run(peer, { uri: tls.uri, user: 'nobody', env: await home('bare') })).toMatchObject({
        code: 'CONNECT_FAILED',
        message: expect.stringContaining('/etc/pki/CA/cacert.pem'),
      });
    });
  });
}

const guarded = await requirePeer(async () => {
  const missing = [...missingPrograms(['dbus-daemon']), ...missingPrograms(['pkaction'])];
  if (missing.length === 0) return start({ settings: { auth_unix_rw: 'polkit', unix_sock_rw_perms: '0777' } });
  throw new PeerUnavailable(
    'polkit',
    `${missing.join(', ')} not found`,
    'Install the packages dbus-daemon and polkitd.',
  );
});
if (guarded) {
  const rules = join(programs.directory, 'rules.d');
  await mkdir(rules);
  await chmod(rules, 0o755);
  await writeFile(
    join(rules, '10-test.rules'),
    `polkit.addRule(function (action, subject) {
      if (action.id === 'org.libvirt.unix.manage' && subject.user === 'daemon') return polkit.Result.YES;
    });`,
  );
  await guarded.exec('mkdir', ['-p', '/run/dbus']);
  await guarded.exec('mount', ['--bind', rules, '/etc/polkit-1/rules.d']);
  await guarded.exec('dbus-daemon', ['--system', '--fork']);
  // libvirtd looks for the bus once.
  await guarded.restart();

  describe('polkit', () => {
    it('lets those in whom its rules allow', async () => {
      const outcome = await programs.run(guarded, { uri: 'qemu:///system', user: 'daemon', change: true });
      expect(outcome).toEqual({ uri: 'qemu:///system', changes: true });
    });

    it('keeps others out, with a typed error', async () => {
      const outcome = await programs.run(guarded, { uri: 'qemu:///system', user: 'nobody' });
      expect(outcome).toMatchObject({ code: expect.stringMatching(/^AUTH_(CANCELLED|UNAVAILABLE|FAILED)$/) });
    });

    it('does not ask root', async () => {
      expect(await programs.run(guarded, { uri: 'qemu:///system' })).toEqual({ uri: 'qemu:///system' });
    });
  });
}
