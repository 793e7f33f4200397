import { diskId, hostId, machineId, poolId, type RemoteVolumes } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

function remoteVolumesOf({ driver }: Bench): RemoteVolumes {
  if (!driver.remoteVolumes) throw new Error('The case uses remote volumes but does not require them.');
  return driver.remoteVolumes;
}

export const remoteVolumes: readonly ConformanceCase[] = [
  {
    id: 'remoteVolumes/initiator',
    title: 'A host tells what another system must know of it; an unknown host is HOST.NOT_FOUND.',
    requires: ['remoteVolumes'],
    deadlineSeconds: 20,
    async run(bench) {
      const { wwpns, addresses } = await remoteVolumesOf(bench).initiator(bench.host.id, bench.call);
      assert.ok(Array.isArray(wwpns) && Array.isArray(addresses));
      await expectError(remoteVolumesOf(bench).initiator(hostId('no-such-host-9f2c'), bench.call), 'HOST.NOT_FOUND');
    },
  },
  {
    id: 'remoteVolumes/unknown-machine-is-not-found',
    title: 'Attaching to a machine that is not there is MACHINE.NOT_FOUND; detaching what is not attached succeeds.',
    requires: ['remoteVolumes.nbd'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = remoteVolumesOf(bench);
      const connection = { protocol: 'nbd', server: { host: '127.0.0.1', port: 10_809 } } as const;
      await expectError(
        facet.attach(machineId('no-such-machine-9f2c'), connection, {}, bench.call),
        'MACHINE.NOT_FOUND',
      );
      const { id } = await bench.machine();
      await facet.detach(id, diskId('no-such-disk-9f2c'), bench.call);
    },
  },
  {
    id: 'remoteVolumes/attach-and-detach',
    title:
      'A remote volume is a disk of the machine; the same again is that disk, in another way DISK.CONFLICT; detached it is gone.',
    requires: ['remoteVolumes'],
    deadlineSeconds: 40,
    async run(bench) {
      const { driver, call, remotes } = bench;
      const facet = remoteVolumesOf(bench);
      const { id } = await bench.machine();
      const disk = await facet.attach(id, remotes[0], { readOnly: true }, call);
      expectEqual([disk.device, disk.readOnly, disk.volume], ['disk', true, undefined]);
      expectEqual(await facet.attach(id, remotes[0], { readOnly: true }, call), disk);
      await expectError(facet.attach(id, remotes[0], {}, call), 'DISK.CONFLICT');
      expectEqual(
        (await driver.machines.get(id, call)).disks.map((one) => one.id),
        [disk.id],
      );
      await facet.detach(id, disk.id, call);
      expectEqual((await driver.machines.get(id, call)).disks, []);
    },
  },
  {
    id: 'remoteVolumes/object-of-unknown-pool',
    title: 'A disk object in a pool that is not there is POOL.NOT_FOUND.',
    requires: ['remoteVolumes.poolObject'],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      const facet = remoteVolumesOf(bench);
      assert.ok(facet.attachObject);
      const object = { pool: poolId('no-such-pool-9f2c'), object: 'some-object' };
      await expectError(facet.attachObject(id, object, {}, bench.call), 'POOL.NOT_FOUND');
    },
  },
  {
    id: 'remoteVolumes/second-machine-is-in-use',
    title:
      'A remote volume that another machine writes is VOLUME.IN_USE, naming it, unless both say that they share it.',
    requires: ['remoteVolumes', 'disks.multiAttach'],
    deadlineSeconds: 40,
    async run(bench) {
      const { call, remotes } = bench;
      const facet = remoteVolumesOf(bench);
      const [one, other] = [await bench.machine(), await bench.machine()];
      const { id } = await facet.attach(one.id, remotes[0], {}, call);
      const { heldBy } = await expectError(facet.attach(other.id, remotes[0], { shared: true }, call), 'VOLUME.IN_USE');
      assert.equal(heldBy, one.id);
      await facet.detach(one.id, id, call);
      await facet.attach(one.id, remotes[0], { shared: true }, call);
      assert.equal((await facet.attach(other.id, remotes[0], { shared: true }, call)).shared, true);
    },
  },
  {
    id: 'remoteVolumes/swap',
    title: 'A disk of a running machine goes on at another volume; it keeps its id, and the first volume is free.',
    requires: ['remoteVolumes.swap', 'disks.attachRunning'],
    deadlineSeconds: 60,
    async run(bench) {
      const { call, remotes } = bench;
      const facet = remoteVolumesOf(bench);
      const [from, to] = remotes;
      const { id } = await bench.runningMachine();
      const { id: disk } = await facet.attach(id, from, {}, call);
      const task = await facet.swap?.(id, disk, to, call);
      assert.equal((await task?.result(call))?.id, disk);
      const other = await bench.machine();
      await expectError(facet.attach(other.id, to, {}, call), 'VOLUME.IN_USE');
      await facet.attach(other.id, from, {}, call);
    },
  },
  {
    id: 'remoteVolumes/only-remote-ones',
    title: 'A disk that is no remote volume is not swapped: DISK.CONFLICT; one that is not there is DISK.NOT_FOUND.',
    requires: ['remoteVolumes.swap'],
    deadlineSeconds: 40,
    async run(bench) {
      const { call, remotes } = bench;
      const facet = remoteVolumesOf(bench);
      const { id: volume } = await bench.volume();
      const { id, disks } = await bench.runningMachine({ disks: [{ volume }] });
      const [disk] = disks;
      assert.ok(disk && facet.swap);
      await expectError(facet.swap(id, disk.id, remotes[0], call), 'DISK.CONFLICT');
      await expectError(facet.swap(id, diskId('no-such-disk-9f2c'), remotes[0], call), 'DISK.NOT_FOUND');
    },
  },
];
