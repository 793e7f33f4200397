import { afterAll, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailed, requirePeer, runCommand, startLabMachine } from '../src/index.js';
import { describeWith } from '../src/jest.js';

const started = Date.now();
const machine = await requirePeer(() => startLabMachine({ disks: [64 << 20, 1 << 30], ports: [3260] }));
process.stderr.write(`lab machine: started in ${Date.now() - started} ms\n`);

afterAll(() => machine?.stop());

describeWith('a lab machine', machine, (machine) => {
  it('has the device mapper, thin volumes and multipath, which this kernel may lack', async () => {
    const said = await machine.exec(`
      pvcreate -q /dev/vdc && vgcreate -q vg0 /dev/vdc
      lvcreate -q -y --type thin-pool -L 256M -n pool vg0 && lvcreate -q -y -V 1G --thinpool vg0/pool -n thin
      lvs --noheadings -o lv_name,lv_size --units m vg0/thin
      multipath -t | grep defaults; blockdev --getsize64 /dev/vdb`);
    expect(said).toMatch(/thin +1024\.00m/);
    expect(said).toContain('defaults {');
    expect(said).toContain(String(64 << 20));
  }, 300_000);

  it('runs a libvirtd that answers here', async () => {
    const { stdout } = await runCommand('virsh', ['-c', machine.uri, 'hostname']);
    expect(stdout.trim()).toBe('lab');
  }, 300_000);

  it('shows the ports that were asked for, says what failed, and is gone in the end', async () => {
    expect(machine.portOf(3260)).toBeGreaterThan(21_000);
    expect(() => machine.portOf(1)).toThrow('was not asked for');
    await expect(machine.exec('echo why >&2; exit 3')).rejects.toThrow(CommandFailed);
    const directory = dirname(dirname(machine.ssh.identityFile));
    const disk = () => existsSync(join(directory, 'root.qcow2'));
    expect(disk()).toBe(true);
    await machine.stop();
    await machine.stop();
    expect(disk()).toBe(false);
  }, 300_000);
});
