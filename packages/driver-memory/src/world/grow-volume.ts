import { DriverError, type Bytes } from '@virt-drivers/core';
import { notice } from '../guest/devices.js';
import { NO_SNAPSHOTS } from '../limits.js';
import type { Scene } from './scene.js';
import { checkRoom } from './space.js';
import type { VolumeState } from './state.js';
import { attachedTo } from './view.js';
import { checkNotWritten } from './written.js';

/** The snapshot that holds the volume at its size, or undefined. */
export function snapshotOn({ state }: Scene, volume: VolumeState): string | undefined {
  const ofMachines = Object.values(state.machines)
    .flatMap(({ snapshots }) => snapshots)
    .find(({ frozen }) => Object.hasOwn(frozen, volume.id.key));
  return ofMachines?.id ?? volume.snapshots[0]?.id;
}

/** Grows a volume, or throws before anything has changed. */
export function growVolume(scene: Scene, volume: VolumeState, sizeBytes: Bytes, online: boolean): VolumeState {
  const { key, pool } = volume.id;
  if (sizeBytes === volume.sizeBytes) return volume;
  if (sizeBytes < volume.sizeBytes) {
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Volume ${key} has ${volume.sizeBytes} bytes and cannot shrink to ${sizeBytes}.`,
      { subject: key },
    );
  }
  const snapshot = snapshotOn(scene, volume);
  if (snapshot !== undefined) {
    throw new DriverError('SNAPSHOT.BLOCKS', `Volume ${key} is held by snapshot ${snapshot}; delete that first.`, {
      subject: key,
      heldBy: snapshot,
      condition: NO_SNAPSHOTS,
    });
  }
  if (!online) checkNotWritten(scene, volume);
  checkRoom(scene, pool, volume.thick ? sizeBytes - volume.sizeBytes : 0n, sizeBytes);
  volume.sizeBytes = sizeBytes;
  for (const id of attachedTo(scene, volume.id)) {
    const machine = scene.state.machines[id];
    if (machine) notice(scene, machine);
  }
  return volume;
}
