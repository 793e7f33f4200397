import { requirePeer, startLibvirt, type LibvirtPeer } from '../src/index.js';
import { startIdleMachine } from './idle-machine.js';
import { describeWith } from '../src/jest.js';

const source = await requirePeer(() => startLibvirt({ name: 'source', tcp: true }));
const target = source && (await requirePeer(() => startLibvirt({ name: 'target', tcp: true })));
afterAll(() => Promise.all([source?.stop(), target?.stop()]));

describeWith('two libvirt peers', target, (target) => {
  it('migrate a running machine to each other', async () => {
    const [from, to] = [source as LibvirtPeer, target as LibvirtPeer];
    await startIdleMachine(from);
    const flags = ['--live', '--p2p', '--persistent', '--undefinesource'];
    await from.virsh(['migrate', ...flags, 'idle', to.tcp?.uri ?? '', '--migrateuri', 'tcp://127.0.0.1']);
    expect(await to.virsh(['domstate', 'idle'])).toContain('running');
    expect(await from.virsh(['list', '--all', '--name'])).not.toContain('idle');
    expect(() => from.qemuProcess('idle')).toThrow('no QEMU process');
    expect(to.qemuProcess('idle').name).toBe('qemu-system-x86');
  });
});
