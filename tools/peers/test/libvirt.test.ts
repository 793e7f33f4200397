import { existsSync } from 'node:fs';
import { requirePeer, startLibvirt } from '../src/index.js';

const peer = await requirePeer(() => startLibvirt());
const withPeer = peer ? describe : describe.skip;

withPeer('a libvirt peer', () => {
  afterAll(() => peer?.stop());

  it('answers on both of its drivers', async () => {
    expect(await peer!.virsh(['hostname'])).toContain(peer!.name);
    expect(await peer!.virsh(['-c', peer!.testUri, 'list', '--name'])).toContain('test');
  });

  it('has a started pool at a path that is the same inside and outside', async () => {
    await peer!.virsh(['vol-create-as', 'default', 'a.qcow2', '1M', '--format', 'qcow2']);
    expect(existsSync(`${peer!.imagesDirectory}/a.qcow2`)).toBe(true);
    await peer!.exec('test', ['-e', `${peer!.imagesDirectory}/a.qcow2`]);
  });

  it('survives the death of its daemon', async () => {
    const before = peer!.pid;
    await peer!.kill9();
    await expect(peer!.virsh(['uri'])).rejects.toThrow('libvirt-sock');
    await peer!.restart();
    expect(peer!.pid).not.toBe(before);
    expect(await peer!.virsh(['vol-list', 'default'])).toContain('a.qcow2');
  });

  it('does not answer while its daemon is frozen', async () => {
    peer!.sigstop();
    await expect(peer!.virsh(['uri'], { timeoutMs: 500 })).rejects.toThrow('SIGKILL');
    peer!.sigcont();
    expect(await peer!.virsh(['uri'])).toContain('qemu');
  });
});
