import { afterAll, expect, it } from '@jest/globals';
import { modularDaemons, requirePeer, serveModular, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import {
  connectGetUri,
  domainCreate,
  domainDefineXmlFlags,
  domainDestroy,
  domainEvents,
  domainLookupByName,
  domainUndefineFlags,
  openConnection,
} from '../../src/index.js';
import { localPrograms } from '../local-programs.js';

const MINUTES = 60_000;
/** virDomainEventType of libvirt's API. */
const [DEFINED, UNDEFINED, STARTED, RESUMED, STOPPED, SHUTDOWN] = [0, 1, 2, 4, 5, 6];
const XML =
  '<domain type="qemu"><name>modular</name><memory unit="MiB">64</memory><os><type machine="q35">hvm</type></os></domain>';

const programs = await localPrograms();
const peer = await requirePeer(async () => {
  await modularDaemons();
  const started = await startLibvirt({ name: 'modular' });
  await serveModular(started);
  return started;
});

afterAll(async () => {
  await peer?.stop();
  await programs.close();
}, MINUTES);

describeWith('modular daemons', peer, (peer) => {
  const direct = `qemu+unix:///system?socket=${peer.directory}/run/libvirt/virtqemud-sock`;
  const proxied = `qemu+unix:///system?socket=${peer.socket}`;

  it('are those that serve here', () => {
    const names = peer.processes().map(({ args }) => args[0]?.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(['virtqemud', 'virtproxyd']));
    expect(names).not.toContain('libvirtd');
  });

  it.each([
    ['qemu:///system', 'found by itself'],
    ['qemu:///system?mode=direct', 'virtqemud'],
    ['qemu:///system?mode=legacy', 'virtproxyd, which passes it on'],
  ])('%s is answered: %s', async (uri) => {
    expect(await programs.run(peer, { uri, change: true })).toEqual({ uri: 'qemu:///system', changes: true });
    expect(await programs.run(peer, { uri, change: true, readOnly: true })).toEqual({
      uri: 'qemu:///system',
      changes: 'OPERATION_DENIED',
    });
  });

  it('a guest made through one is seen, heard and ended through the other', async () => {
    const connections = await Promise.all([openConnection(proxied), openConnection(direct)]);
    const [one, other] = connections;
    const heard = await Promise.all(connections.map((connection) => domainEvents(connection, ['lifecycle'])));
    const domain = await domainDefineXmlFlags(one, XML);
    await domainCreate(one, domain);
    const seen = await domainLookupByName(other, 'modular');
    expect(seen.uuid).toEqual(domain.uuid);
    const virsh = await peer.exec('virsh', ['-c', 'qemu:///system', 'list', '--name']);
    expect(virsh.stdout.trim()).toBe('modular');
    await domainDestroy(other, seen);
    await domainUndefineFlags(one, domain);
    for (const events of heard)
      expect(await until(events, UNDEFINED)).toEqual([DEFINED, RESUMED, STARTED, STOPPED, UNDEFINED]);
    await Promise.all(connections.map((connection) => connection.close()));
  });

  it('the proxy that dies ends what went through it, and nothing else', async () => {
    const [one, other] = await Promise.all([openConnection(proxied), openConnection(direct)]);
    const proxy = peer.processes().find(({ args }) => args[0]?.endsWith('/virtproxyd'));
    process.kill(proxy?.pid ?? NaN, 'SIGKILL');
    expect(await one.closed).toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(connectGetUri(one)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await connectGetUri(other)).toBe('qemu:///system');
    await other.close();
  });
});

/** What lifecycle events say has happened, up to and with `last`, but for QEMU's farewell: it may not get to say it. */
async function until(events: AsyncIterable<{ readonly kind: string; readonly event?: number }>, last: number) {
  const happened: (number | undefined)[] = [];
  for await (const { event } of events) {
    if (event !== SHUTDOWN) happened.push(event);
    if (event === last) break;
  }
  return happened;
}
