import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DriverError, type FacetAs, type MachineId, type Secret } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import type { MemorySession } from './session.js';
import { makeBlankVolume } from './world/blank-volume.js';
import { changed } from './world/detach-disk.js';
import { findVolume } from './world/find.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry, VolumeState } from './world/state.js';
import { attachedTo } from './world/view.js';

const digestOf = (key: Secret, salt: string): string =>
  `${salt}:${createHash('sha256').update(salt).update(key.reveal()).digest('hex')}`;

/** True for the key that the volume was made with. */
function fits(key: Secret, keyDigest: string): boolean {
  const given = digestOf(key, keyDigest.slice(0, keyDigest.indexOf(':')));
  return given.length === keyDigest.length && timingSafeEqual(Buffer.from(given), Buffer.from(keyDigest));
}

function encryptionOf({ id, encryption }: VolumeState): NonNullable<VolumeState['encryption']> {
  if (encryption) return encryption;
  throw new DriverError('REQUEST.INVALID', `Volume ${id.key} is not encrypted; it needs no key.`, { subject: id.key });
}

function checkUnused(scene: Scene, { id }: VolumeState): void {
  const user = attachedTo(scene, id).find((machine) =>
    ['running', 'paused', 'saved'].includes(scene.state.machines[machine]?.state ?? ''),
  );
  if (user === undefined) return;
  throw new DriverError('VOLUME.IN_USE', `Volume ${id.key} is used by machine ${user}; stop it first.`, {
    subject: id.key,
    heldBy: user,
  });
}

/** Facet `encryption`. */
export function createEncryption(session: MemorySession): FacetAs<'encryption', typeof capabilities.encryption> {
  const whileStopped = (id: MachineId, act: (machine: MachineEntry) => void): Promise<void> =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      if (machine.state !== 'stopped') throw wrongState(machine, 'stopped');
      act(machine);
      changed(scene, machine);
    });

  return {
    createVolume: (request, key) =>
      session.change((scene) => {
        const encryption = { keyDigest: digestOf(key, randomBytes(16).toString('hex')), unlocked: false };
        return makeBlankVolume(scene, request, { encryption });
      }),
    unlockVolume: (id, key) =>
      session.change((scene) => {
        const encryption = encryptionOf(findVolume(scene, id));
        if (!fits(key, encryption.keyDigest)) {
          throw new DriverError(
            'ACCESS.DENIED',
            `Volume ${id.key} does not open with this key; give the one it was made with.`,
            {
              subject: id.key,
            },
          );
        }
        encryption.unlocked = true;
      }),
    lockVolume: (id) =>
      session.change((scene) => {
        const volume = findVolume(scene, id);
        const encryption = encryptionOf(volume);
        if (encryption.unlocked) checkUnused(scene, volume);
        encryption.unlocked = false;
      }),
    setTpm: (id, present) => whileStopped(id, (machine) => void (machine.tpm = present)),
    setMemoryEncryption: (id, enabled) => whileStopped(id, (machine) => void (machine.memoryEncryption = enabled)),
  };
}
