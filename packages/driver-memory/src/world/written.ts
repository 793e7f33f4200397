import { DriverError } from '@virt-drivers/core';
import type { Scene } from './scene.js';
import type { VolumeState } from './state.js';
import { attachedTo } from './view.js';

/** The machine that may be writing to the volume now, or undefined. */
export function writerOf(scene: Scene, volume: VolumeState): string | undefined {
  return attachedTo(scene, volume.id).find((id) => {
    const machine = scene.state.machines[id];
    const isOn = machine?.state === 'running' || machine?.state === 'paused';
    return isOn && machine.disks.some((disk) => disk.volume?.key === volume.id.key && !disk.readOnly);
  });
}

/** `VOLUME.IN_USE` while a running machine may write to the volume. */
export function checkNotWritten(scene: Scene, volume: VolumeState): void {
  const writer = writerOf(scene, volume);
  if (writer === undefined) return;
  throw new DriverError(
    'VOLUME.IN_USE',
    `Volume ${volume.id.key} is written by running machine ${writer}; stop it or detach the volume first.`,
    {
      subject: volume.id.key,
      heldBy: writer,
    },
  );
}
