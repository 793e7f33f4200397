import {
  DriverError,
  isDriverError,
  type BlankVolume,
  type CallOptions,
  type Condition,
  type Encryption,
  type Secret,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { encryptedFileName, isEncrypted, type Keeping } from './convert/encryption-xml.js';
import { isWrittenByOthers, type NativePool } from './convert/pool-xml.js';
import type { LibvirtSession } from './session.js';
import type { Place } from './storage/backend.js';
import { backendFor } from './storage/backends.js';
import { opensWith } from './storage/copying-machine.js';
import { encryptedImageId, makeEncryptedDevice, makeEncryptedImage } from './storage/encrypted-image.js';
import { aboutVolume } from './storage/files.js';
import { makeFile, making, refuseExisting, refuseTooLarge, wholeSectors } from './storage/making.js';
import { placeIn } from './storage/place.js';
import { dropKey, setKey } from './storage/volume-keys.js';
import { readVolumeView } from './storage/volume-view.js';

type LibvirtEncryption = Pick<Encryption, 'createVolume' | 'unlockVolume' | 'lockVolume'>;

/** Where volumes can be encrypted. */
export const ENCRYPTS: Condition = {
  needs: 'pool-kind',
  value: 'directory, object, block',
  reason: 'Encrypted volumes are files, images in Ceph or logical volumes.',
};

/** Volumes whose content only who has the key can read: LUKS, raw or inside qcow2. */
export function createEncryption(session: LibvirtSession): Required<LibvirtEncryption> {
  const { locks, pools, files } = session;

  const encrypted = async (id: VolumeId, options: CallOptions): Promise<string> => {
    const { path, kind } = await files.read(id, options);
    if (isEncrypted(path, kind)) return path;
    throw new DriverError('REQUEST.INVALID', `Volume ${id.key} is not encrypted: it has no key.`, { subject: id.key });
  };

  return {
    createVolume: (volume, key, options = {}) =>
      locks.run(`${volume.pool}/${volume.name}`, options, () => createEncrypted(session, volume, key, options)),
    async unlockVolume(id, key, options = {}) {
      const location = await encrypted(id, options);
      // Under another name, so that a wrong key does not take the place of the right one.
      const trial = `${location}+${randomUUID()}`;
      try {
        await setKey(session, trial, key, options);
        const chain = await files.chain(id, options);
        await opensWith(session, { what: `Volume ${id.key}`, chain }, trial, options);
      } finally {
        await dropKey(session, trial, {});
      }
      await setKey(session, location, key, options);
    },
    async lockVolume(id, options = {}) {
      const location = await pools.locationOf(id, options).catch((error: unknown) => {
        if (isDriverError(error, 'POOL.NOT_FOUND')) return undefined;
        throw error;
      });
      if (location === undefined || !KEEPINGS.some((keeping) => isEncrypted(location, keeping))) return;
      await refuseRunning(session, id, options);
      await dropKey(session, location, options);
    },
  };
}

/** Makes it with a key that the host forgets at once. */
async function createEncrypted(
  session: LibvirtSession,
  volume: BlankVolume,
  key: Secret,
  options: CallOptions,
): Promise<Volume> {
  const place = await placeIn(session, volume.pool, options);
  const { native } = place;
  // What is left after a failure is removed by its name, which nobody else may have by then.
  if (isWrittenByOthers(native)) await session.pools.refresh(place.pool, options);
  await refuseExisting(session, volume, options);
  const backend = backendFor(native, volume.format);
  const { format } = backend;
  if (format !== 'qcow2' && format !== 'raw') throw refusedFormat(volume);
  const inFile = native.type === 'dir';
  if (!inFile && backend.name !== 'rbd' && backend.name !== 'logical') throw refusedPool(volume, native);
  const id = inFile
    ? { pool: volume.pool, key: encryptedFileName(volume.name, format) }
    : encryptedImageId(place, volume.name);
  const sizeBytes = wholeSectors(volume.sizeBytes);
  const location = `${native.directory}/${id.key}`;
  try {
    await setKey(session, location, key, options);
    if (inFile) await makeEncryptedFile(place, { ...volume, id, format, location }, options);
    else if (backend.name === 'rbd') await makeEncryptedImage(place, { name: volume.name, sizeBytes }, options);
    else await makeEncryptedDevice(place, { name: volume.name, sizeBytes }, options);
  } finally {
    await dropKey(session, location, {});
  }
  return readVolumeView(session, id, options);
}

async function makeEncryptedFile(
  { session, pool }: Place,
  { id, format, location, ...volume }: BlankVolume & { id: VolumeId; format: 'qcow2' | 'raw'; location: string },
  options: CallOptions,
): Promise<void> {
  const capacityBytes = wholeSectors(volume.sizeBytes);
  const thick = volume.provisioning === 'thick';
  if (thick) await refuseTooLarge(session, pool, capacityBytes, options);
  const plan = { fileName: id.key, format, capacityBytes, thick, secret: location };
  await withUndo((undo) => making(undo, session, id, () => makeFile(session, pool, plan, options)));
}

const KEEPINGS: readonly Keeping[] = ['file', 'block'];

const refusedPool = ({ pool }: BlankVolume, { type }: NativePool): DriverError => {
  const message = `Pool ${pool} of type ${type} has no encrypted volumes. ${ENCRYPTS.reason}`;
  return new DriverError('CAPABILITY.CONDITION_UNMET', message, { condition: ENCRYPTS });
};

const refusedFormat = ({ name, format }: BlankVolume): DriverError =>
  new DriverError('REQUEST.INVALID', `Volume ${name} cannot be encrypted in format ${format}; choose raw or qcow2.`);

/** Errors: `VOLUME.IN_USE`. */
async function refuseRunning(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  const users = (await session.attachments(options)).of(id);
  const user = users.find(({ state }) => state === 'running' || state === 'paused');
  if (!user) return;
  throw new DriverError('VOLUME.IN_USE', `${aboutVolume(id).what} is used by machine ${user.machine}, which runs.`, {
    subject: id.key,
    heldBy: user.machine,
  });
}
