import { poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { encryptedBlocksName } from '../convert/encryption-xml.js';
import { intermediateName } from '../convert/volume-xml.js';
import { refreshPool } from '../pool-refresh.js';
import type { NewFile, Place } from './backend.js';
import { encryptByMachine } from './copying-machine.js';
import { making, makeFile, unmake } from './making.js';
import { stagingPlace } from './staging.js';

/*
 * libvirt's storage API encrypts no images in Ceph. QEMU makes one, when it is about to copy a disk to there: here a file
 * without content, which lives as long as that takes.
 */

/** Key of an encrypted volume of this name. */
export const encryptedImageId = ({ native }: Place, name: string): VolumeId => ({
  pool: poolId(native.name),
  key: encryptedBlocksName(name),
});

/** Makes an encrypted volume with the key that the host has for its location. After an error there is none. */
export async function makeEncryptedImage(
  place: Place,
  { name, sizeBytes }: Pick<NewFile, 'name' | 'sizeBytes'>,
  options: CallOptions,
): Promise<void> {
  const { session } = place;
  const id = encryptedImageId(place, name);
  const staging = await stagingPlace(session, options);
  const blank = { pool: poolId(staging.native.name), key: intermediateName(name, 'raw') };
  const path = await session.pools.locationOf(id, options);
  const target = { path, format: 'raw', store: await session.pools.storeOf(id.pool, options) } as const;
  await withUndo(async (undo) => {
    undo.push(`volume ${id.key}`, async (own) => {
      await refreshPool(session, id.pool, own);
      await unmake(session, id)(own);
    });
    const plan = { fileName: blank.key, format: 'raw', capacityBytes: sizeBytes } as const;
    await making(undo, session, blank, () => makeFile(session, staging.pool, plan, options));
    const chain = await session.files.chain(blank, options);
    await encryptByMachine(session, { what: `Volume ${id.key}`, chain }, target, options);
    await unmake(session, blank)(options);
    // libvirt did not make it, and has not heard of it.
    await refreshPool(session, id.pool, options);
  });
}
