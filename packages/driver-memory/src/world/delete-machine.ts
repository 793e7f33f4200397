import { sameVolume, type MachineDeletion, type MachineId } from '@virt-drivers/core';
import { wrongState } from '../errors.js';
import { switchOff } from '../guest/life.js';
import type { MemorySession } from '../session.js';
import { checkDeletable, removeVolume } from './delete-volume.js';
import { findDisk, volumeOf } from './find.js';
import { forgetTokensOf } from './fingerprint.js';
import { tell } from './journal.js';
import { sweepLayers } from './layers.js';
import type { Scene } from './scene.js';
import type { MachineEntry, VolumeState } from './state.js';

function volumesToDelete(scene: Scene, machine: MachineEntry, { withVolumesOf = [] }: MachineDeletion): VolumeState[] {
  const volumes = withVolumesOf.flatMap((id) => {
    const { volume } = findDisk(machine, id);
    const state = volume && volumeOf(scene, volume);
    return state ? [state] : [];
  });
  // A volume whose base goes with it does not keep that base.
  for (const volume of volumes) checkDeletable(scene, volume, { machine: machine.id, volumes });
  return volumes.sort((a, b) => Number(dependsOn(b, a)) - Number(dependsOn(a, b)));
}

const dependsOn = (volume: VolumeState, other: VolumeState): boolean =>
  volume.base !== undefined && sameVolume(volume.base, other.id);

/** Removes the machine and what is its own, or throws before anything has changed. */
export function deleteMachine(session: MemorySession, scene: Scene, id: MachineId, deletion: MachineDeletion): void {
  if (!Object.hasOwn(scene.state.machines, id)) return;
  const machine = session.idle(scene, id);
  if (machine.state !== 'stopped' && machine.state !== 'failed' && !deletion.kill) throw wrongState(machine, 'stopped');
  const volumes = volumesToDelete(scene, machine, deletion);
  if (machine.state !== 'stopped') switchOff(scene, machine, 'requested');
  for (const device of scene.state.devices) if (device.attachedTo === id) delete device.attachedTo;
  Reflect.deleteProperty(scene.state.machines, id);
  forgetTokensOf(scene, id);
  for (const volume of volumes) removeVolume(scene, volume);
  sweepLayers(scene);
  tell(scene, { kind: 'machine-deleted', machine: id });
}
