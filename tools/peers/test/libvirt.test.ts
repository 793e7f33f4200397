import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { requirePeer, startLibvirt, type LibvirtPeer } from '../src/index.js';
import { describeWith } from '../src/jest.js';

const peer = await requirePeer(() => startLibvirt());
afterAll(() => peer?.stop());

/** Other test files and people have slots too. */
function ownSlots(): string[] {
  const owner = (slot: string) => `/var/lib/virt-peers/${slot}/owner.json`;
  return readdirSync('/var/lib/virt-peers').filter(
    (slot) => existsSync(owner(slot)) && readFileSync(owner(slot), 'utf8').includes(`"pid":${process.pid},`),
  );
}

describeWith('a libvirt peer', peer, (peer) => {
  const host = peer as LibvirtPeer;

  it('answers on both of its drivers', async () => {
    expect(await host.virsh(['hostname'])).toContain(host.name);
    expect(await host.virsh(['-c', host.testUri, 'list', '--name'])).toContain('test');
  });

  it('has a started pool at a path that is the same inside and outside', async () => {
    await host.virsh(['vol-create-as', 'default', 'a.qcow2', '1M', '--format', 'qcow2']);
    expect(existsSync(`${host.imagesDirectory}/a.qcow2`)).toBe(true);
    await host.exec('test', ['-e', `${host.imagesDirectory}/a.qcow2`]);
  });

  it('lets libvirt lock a terminal, as it does to open a console', async () => {
    await host.exec('test', ['-w', '/var/lock/']);
  });

  it('is another host than a second one', async () => {
    await using second = await startLibvirt({ name: 'second' });
    expect((await second.exec('hostname', [])).stdout).toBe('second\n');
    expect(second.directory).not.toBe(host.directory);
    expect(await second.virsh(['vol-list', 'default'])).not.toContain('a.qcow2');
    const uuid = /<uuid>(.*)<\/uuid>/;
    const [mine, its] = await Promise.all([host.virsh(['capabilities']), second.virsh(['capabilities'])]);
    expect(uuid.exec(mine)?.[1]).not.toBe(uuid.exec(its)?.[1]);
  });

  it('survives the death of its daemon', async () => {
    const before = host.pid;
    await host.kill9();
    await expect(host.virsh(['uri'])).rejects.toThrow('libvirt-sock');
    expect(() => host.pid).toThrow(`libvirtd of peer ${host.name} does not run.`);
    await host.restart();
    expect(host.pid).not.toBe(before);
    expect(await host.virsh(['vol-list', 'default'])).toContain('a.qcow2');
  });

  it('does not answer while its daemon is frozen', async () => {
    host.sigstop();
    await expect(host.virsh(['uri'], { timeoutMs: 500 })).rejects.toThrow('SIGKILL');
    host.sigcont();
    expect(await host.virsh(['uri'])).toContain('qemu');
  });

  it('leaves nothing when its start fails, is given up or is asked for badly', async () => {
    const slots = ownSlots();
    expect(slots).toContain(host.directory.split('/').at(-1));
    await expect(startLibvirt({ deadlineMs: 1 })).rejects.toThrow(/did not answer within 1 ms.* Its log ends:/s);
    await expect(startLibvirt({ name: 'a b' })).rejects.toThrow("Peer name 'a b' is no host name");
    const controller = new AbortController();
    const start = startLibvirt({ signal: controller.signal });
    controller.abort(new Error('given up'));
    await expect(start).rejects.toThrow('given up');
    expect(ownSlots()).toEqual(slots);
  });
});
