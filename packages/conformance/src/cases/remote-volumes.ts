import { diskId, hostId, machineId, type RemoteVolumes } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
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
];
