import { DriverError, sameVolume } from '@virt-drivers/core';
import { tell } from './journal.js';
import type { Scene } from './scene.js';
import type { VolumeState } from './state.js';
import { attachedTo } from './view.js';

/** What goes together with a volume and therefore does not keep it. */
export interface GoingToo {
  readonly machine?: string;
  readonly volumes?: readonly VolumeState[];
}

/** `VOLUME.IN_USE` while something needs the volume. */
export function checkDeletable(scene: Scene, volume: VolumeState, { machine, volumes = [] }: GoingToo = {}): void {
  const { key } = volume.id;
  const user = attachedTo(scene, volume.id).find((id) => id !== machine);
  if (user !== undefined) {
    throw new DriverError('VOLUME.IN_USE', `Volume ${key} is attached to machine ${user}; detach it first.`, {
      subject: key,
      heldBy: user,
    });
  }
  const child = Object.values(scene.state.volumes).find(
    (other) => other.base && sameVolume(other.base, volume.id) && !volumes.includes(other),
  );
  if (child) {
    throw new DriverError(
      'VOLUME.IN_USE',
      `Volume ${key} is the base of volume ${child.id.key}; delete that one first.`,
      {
        subject: key,
        heldBy: child.id.key,
      },
    );
  }
}

/** Removes a volume that nothing needs. Sweep the layers afterwards. */
export function removeVolume(scene: Scene, volume: VolumeState): void {
  Reflect.deleteProperty(scene.state.volumes, volume.id.key);
  // A token is remembered with its volume, not longer.
  for (const [token, done] of Object.entries(scene.state.tokens)) {
    if (done.volume?.key === volume.id.key) Reflect.deleteProperty(scene.state.tokens, token);
  }
  tell(scene, { kind: 'pool-changed', pool: volume.id.pool });
}
