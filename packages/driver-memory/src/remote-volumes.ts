import {
  DriverError,
  gibibytes,
  type Disk,
  type DiskId,
  type DiskSpec,
  type FacetAs,
  type MachineId,
  type PoolObject,
  type RemoteConnection,
} from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { unmet } from './errors.js';
import { STOPPED } from './limits.js';
import type { MemorySession } from './session.js';
import { changed, detachDisk, isOn } from './world/detach-disk.js';
import { checkDisk, checkHotPlug, diskFromSpec, newDisk } from './world/disk-rules.js';
import { findDisk, findHost, findPool } from './world/find.js';
import { fingerprintOf } from './world/fingerprint.js';
import { checkNotConnected, checkReachable, connectionKey } from './world/remote-connection.js';
import type { Scene } from './world/scene.js';
import type { DiskState, MachineEntry } from './world/state.js';
import { swapRemote } from './world/swap-remote.js';
import { viewDisk } from './world/view.js';

function checkSupported(session: MemorySession, connection: RemoteConnection): void {
  session.need(`remoteVolumes.${connection.protocol}`);
  if ('multipath' in connection && connection.multipath) session.need('remoteVolumes.multipath');
  if ('chap' in connection && connection.chap?.mutual) session.need('remoteVolumes.mutualChap');
}

function attach(
  session: MemorySession,
  scene: Scene,
  id: MachineId,
  place: RemoteConnection | PoolObject,
  spec: Omit<DiskSpec, 'volume'>,
): Disk {
  const machine = session.idle(scene, id);
  const wanted = diskFromSpec(spec);
  const key = connectionKey(place);
  const present = machine.disks.find(({ remote }) => remote?.connection === key);
  if (present) {
    const { id: _id, remote: _remote, ...how } = present;
    if (fingerprintOf(how) === fingerprintOf(wanted)) return viewDisk(scene, present);
    throw new DriverError(
      'DISK.CONFLICT',
      `Remote volume of disk ${present.id} is attached to machine ${id} in another way; detach it first.`,
      {
        subject: present.id,
      },
    );
  }
  if ('object' in place) findPool(scene, place.pool);
  else checkReachable(place);
  checkNotConnected(scene, machine, key, wanted);
  checkDisk(scene, wanted, { machine, host: machine.host, present: machine.disks });
  checkPluggable(machine, wanted);
  const sizeBytes = (scene.state.remoteVolumes[key] ??= gibibytes(1));
  const disk = newDisk(scene, { ...wanted, remote: { connection: key, sizeBytes } });
  machine.disks.push(disk);
  changed(scene, machine);
  return viewDisk(scene, disk);
}

function checkPluggable(machine: MachineEntry, { bus }: Pick<DiskState, 'bus'>): void {
  if (machine.state === 'saved') throw unmet(`Machine ${machine.id}, which is saved,`, STOPPED);
  if (isOn(machine)) checkHotPlug(bus);
}

/** The disk and its connection; `DISK.CONFLICT` when the volume is not another system's. */
function findRemote(machine: MachineEntry, id: DiskId): DiskState & { remote: NonNullable<DiskState['remote']> } {
  const disk = findDisk(machine, id);
  const { remote } = disk;
  if (remote) return Object.assign(disk, { remote });
  throw new DriverError(
    'DISK.CONFLICT',
    `Disk ${id} of machine ${machine.id} is no remote volume; use volumes.grow for its volume.`,
    { subject: id },
  );
}

/** Facet `remoteVolumes`. */
export const createRemoteVolumes = (
  session: MemorySession,
): FacetAs<'remoteVolumes', typeof capabilities.remoteVolumes> => ({
  initiator: (id) =>
    session.look((scene) => {
      const { name } = findHost(scene, id);
      return {
        iscsiName: `iqn.2026-01.invalid.memory:${name}`,
        wwpns: ['2100000000000001'],
        nvmeName: `nqn.2026-01.invalid.memory:${name}`,
        addresses: ['192.0.2.1'],
      };
    }),
  attach: async (id, connection, disk) => {
    checkSupported(session, connection);
    return session.change((scene) => attach(session, scene, id, connection, disk));
  },
  attachObject: async (id, object, disk) => {
    session.need('remoteVolumes.poolObject');
    return session.change((scene) => attach(session, scene, id, object, disk));
  },
  detach: (id, disk, options = {}) => detachDisk(session, id, disk, options),
  extend: (id, diskId, sizeBytes) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const disk = findRemote(machine, diskId);
      if (sizeBytes < disk.remote.sizeBytes) {
        throw new DriverError(
          'VOLUME.CANNOT_SHRINK',
          `Disk ${diskId} has ${disk.remote.sizeBytes} bytes and cannot shrink.`,
          { subject: diskId },
        );
      }
      disk.remote.sizeBytes = sizeBytes;
      scene.state.remoteVolumes[disk.remote.connection] = sizeBytes;
      changed(scene, machine);
      return viewDisk(scene, disk);
    }),
  swap: async (id, diskId, to) => {
    checkSupported(session, to);
    await session.look((scene) => {
      const machine = session.idle(scene, id);
      const disk = findRemote(machine, diskId);
      checkReachable(to);
      checkNotConnected(scene, machine, connectionKey(to), disk);
    });
    return swapRemote(session, id, diskId, connectionKey(to));
  },
});
