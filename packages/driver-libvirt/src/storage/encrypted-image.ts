import { poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import type { DiskStore } from '../convert/disk-source.js';
import { encryptedBlocksName, LUKS_HEADER_BYTES } from '../convert/encryption-xml.js';
import { intermediateName } from '../convert/volume-xml.js';
import { refreshPool } from '../pool-refresh.js';
import type { NewFile, Place } from './backend.js';
import { encryptByMachine } from './copying-machine.js';
import { makeBlank } from './logical.js';
import { making, makeFile, unmake } from './making.js';
import { stagingPlace } from './staging.js';

/*
 * libvirt's storage API encrypts no images in Ceph, and no logical volume whose name tells that it is encrypted. QEMU
 * does, when it is about to copy a disk to there: here a file without content, which lives as long as that takes.
 */

/** Key of an encrypted volume of this name. */
export const encryptedImageId = ({ native }: Place, name: string): VolumeId => ({
  pool: poolId(native.name),
  key: encryptedBlocksName(name),
});

/** Makes an encrypted volume with the key that the host has for its location. After an error there is none. */
export async function makeEncryptedImage(place: Place, volume: Described, options: CallOptions): Promise<void> {
  const { session } = place;
  const id = encryptedImageId(place, volume.name);
  await withUndo(async (undo) => {
    undo.push(`volume ${id.key}`, async (own) => {
      await refreshPool(session, id.pool, own);
      await unmake(session, id)(own);
    });
    await encrypt(place, volume, await session.pools.storeOf(id.pool, options), options);
    // libvirt did not make it, and has not heard of it.
    await refreshPool(session, id.pool, options);
  });
}

/** As `makeEncryptedImage`, on a logical volume. */
export async function makeEncryptedDevice(place: Place, volume: Described, options: CallOptions): Promise<void> {
  const id = encryptedImageId(place, volume.name);
  await withUndo(async (undo) => {
    // Who has the key could turn back what was read of it into what another owner wrote there.
    await makeBlank(undo, place, id, volume.sizeBytes + LUKS_HEADER_BYTES, options);
    // As much as there is beside the header, and not less: QEMU copies nothing to what is larger.
    const { capacityBytes: sizeBytes } = await place.session.files.read(id, options);
    await encrypt(place, { ...volume, sizeBytes }, 'block', options);
  });
}

type Described = Pick<NewFile, 'name' | 'sizeBytes'>;

async function encrypt(
  place: Place,
  { name, sizeBytes }: Described,
  store: DiskStore,
  options: CallOptions,
): Promise<void> {
  const { session } = place;
  const id = encryptedImageId(place, name);
  const staging = await stagingPlace(session, options);
  const blank = { pool: poolId(staging.native.name), key: intermediateName(name, 'raw') };
  const target = { path: await session.pools.locationOf(id, options), format: 'raw', store } as const;
  await withUndo(async (undo) => {
    const plan = { fileName: blank.key, format: 'raw', capacityBytes: sizeBytes } as const;
    await making(undo, session, blank, () => makeFile(session, staging.pool, plan, options));
    const chain = await session.files.chain(blank, options);
    await encryptByMachine(session, { what: `Volume ${id.key}`, chain }, target, options);
    await unmake(session, blank)(options);
  });
}
