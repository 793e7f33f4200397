import { once } from 'node:events';
import { connect } from 'node:net';
import { requirePeer, startLibvirt, type LibvirtPeer } from '../src/index.js';
import { startIdleMachine } from './idle-machine.js';
import { describeWith } from '../src/jest.js';

const peer = await requirePeer(() => startLibvirt({ name: 'faulty' }));
afterAll(() => peer?.stop());

describeWith('faults of a libvirt peer', peer, (peer) => {
  const host = peer as LibvirtPeer;
  beforeAll(() => startIdleMachine(host));

  it('its guest lives in its own port range, on the loopback address', async () => {
    const [, port] = /:(\d+)\s*$/.exec(await host.virsh(['domdisplay', 'idle', '--type', 'vnc'])) ?? [];
    const slot = Number(host.directory.split('/').at(-1));
    const display = 5900 + Number(port);
    expect(display).toBeGreaterThanOrEqual(21_100 + slot * 200);
    expect(display).toBeLessThan(21_200 + slot * 200);
    const socket = connect(display, '127.0.0.1');
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(greeting.toString('latin1')).toMatch(/^RFB 003\.008/);
  });

  it('a killed QEMU is reported as a crash', async () => {
    process.kill(host.qemuProcess('idle').pid, 'SIGKILL');
    await host.machineEnded('idle');
    expect(await host.virsh(['domstate', 'idle', '--reason'])).toContain('shut off (crashed)');
    expect(() => host.qemuProcess('idle')).toThrow('Machine idle has no QEMU process in peer faulty.');
  });

  it('a guest survives the death of libvirtd and is found again', async () => {
    await host.virsh(['start', 'idle']);
    const { pid } = host.qemuProcess('idle');
    await host.kill9();
    expect(host.qemuProcess('idle').pid).toBe(pid);
    await host.restart();
    expect(await host.virsh(['domstate', 'idle'])).toContain('running');
  });
});
