import { networkId, sameVolume } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

export const makingMachines: readonly ConformanceCase[] = [
  {
    id: 'machines/create-is-visible-to-get',
    title: 'A new machine is stopped, and the next get and list show it as create returned it.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const made = await bench.machine();
      assert.equal(made.state, 'stopped');
      expectEqual(await driver.machines.get(made.id, call), made);
      const listed = await driver.machines.list(undefined, call).all();
      expectEqual(
        listed.find(({ id }) => id === made.id),
        made,
      );
    },
  },
  {
    id: 'machines/create-keeps-the-spec',
    title: 'Processors, memory, firmware and description of a new machine are what was asked for.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const spec = bench.spec({ description: 'first line\nsecond line', cpu: { count: 2 } });
      const { cpu, memory, boot, description, host, disks, nics } = await bench.machine(spec);
      assert.equal(cpu.count, 2);
      assert.equal(memory.sizeBytes, spec.memory.sizeBytes);
      assert.equal(boot.firmware, 'bios');
      assert.equal(description, spec.description);
      assert.equal((await bench.driver.hosts.get(host, bench.call)).id, host);
      expectEqual([disks.length, nics.length], [0, 0]);
    },
  },
  {
    id: 'machines/create-with-disks-and-nics',
    title: 'A machine is made with all its disks and nics in one call.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const [first, second] = [await bench.volume(), await bench.volume()];
      const network = bench.network();
      const made = await bench.machine({ disks: [{ volume: first.id }, { volume: second.id }], nics: [{ network }] });
      const machine = await bench.driver.machines.get(made.id, bench.call);
      assert.equal(machine.disks.length, 2);
      assert.ok(machine.disks[0]?.volume && sameVolume(machine.disks[0].volume, first.id), 'the first disk is another');
      assert.ok(
        machine.disks[1]?.volume && sameVolume(machine.disks[1].volume, second.id),
        'the second disk is another',
      );
      expectEqual(
        machine.nics.map((nic) => nic.network),
        [network],
      );
      assert.match(machine.nics[0]?.macAddress ?? '', /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
    },
  },
  {
    id: 'machines/failed-create-leaves-nothing',
    title: 'After a create that failed there is no machine, and the volumes are free as before.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const volume = await bench.volume();
      const spec = bench.spec({
        disks: [{ volume: volume.id }],
        nics: [{ network: networkId('no-such-network-9f2c') }],
      });
      await expectError(driver.machines.create(spec, call), 'NETWORK.NOT_FOUND');
      const names = (await driver.machines.list(undefined, call).all()).map(({ name }) => name);
      assert.ok(!names.includes(spec.name), 'the machine is there');
      expectEqual((await driver.volumes.get(volume.id, call)).attachedTo, []);
    },
  },
  {
    id: 'machines/unknown-volume-is-refused',
    title: 'A machine with a disk on a volume that is not there is VOLUME.NOT_FOUND, and is not made.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const missing = await bench.volume();
      await bench.driver.volumes.delete(missing.id, bench.call);
      await expectError(bench.machine({ disks: [{ volume: missing.id }] }), 'VOLUME.NOT_FOUND');
    },
  },
  {
    id: 'machines/volume-of-another-is-refused',
    title: 'A machine with a disk on a volume that another machine has attached is VOLUME.IN_USE, and is not made.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const volume = await bench.volume();
      const { id } = await bench.machine({ disks: [{ volume: volume.id }] });
      await expectError(bench.machine({ disks: [{ volume: volume.id }] }), 'VOLUME.IN_USE');
      const { attachedTo } = await bench.driver.volumes.get(volume.id, bench.call);
      expectEqual(attachedTo, [id]);
    },
  },
  {
    id: 'machines/firmware-uefi',
    title: 'A machine with UEFI firmware is made, starts and tells its firmware.',
    requires: ['machines.firmwareUefi'],
    deadlineSeconds: 40,
    async run(bench) {
      const { boot, state } = await bench.runningMachine({ boot: { firmware: 'uefi' } });
      expectEqual([boot.firmware, state], ['uefi', 'running']);
    },
  },
  {
    id: 'machines/cpu-topology',
    title: 'Sockets, cores and threads of a machine are what was asked for.',
    requires: ['machines.cpuTopology'],
    deadlineSeconds: 20,
    async run(bench) {
      const topology = { sockets: 2, cores: 2, threads: 1 };
      const { cpu } = await bench.machine({ cpu: { count: 4, topology } });
      expectEqual([cpu.count, cpu.topology], [4, topology]);
    },
  },
];
