import {
  DriverError,
  isDriverError,
  poolId,
  type CallOptions,
  type Condition,
  type ImageSource,
  type VolumeId,
} from '@virt-drivers/core';
import { throwIfAborted, verifiedImage, withUndo } from '@virt-drivers/core/kit';
import { storagePoolListAllVolumes } from '@virt-drivers/libvirt';
import type { Place, Report } from './backend.js';
import { makeFromContent } from './content.js';
import { KEPT_FORMATS, newImageName, restingImports } from './image-names.js';
import { whileImporting } from './image-lock.js';
import { noteUse, publishRecord, readRecord, type ImageRecord } from './image-record.js';
import { refuseTooLarge, unmake } from './making.js';

/** Why images in other formats are not kept. */
const AS_THEY_ARE: Condition = {
  needs: 'volume-format',
  value: KEPT_FORMATS.join(', '),
  reason: 'A cached image is what machines continue, so it is kept as it came, in a format that QEMU can continue.',
};

/** The image in the pool, imported when it is not there. After an error nothing of a new import remains. */
export async function ensureImage(
  place: Place,
  source: ImageSource,
  report: Report,
  call: CallOptions,
): Promise<ImageRecord> {
  const { checksum } = source;
  for (;;) {
    throwIfAborted(call);
    const known = await readRecord(place, checksum, call);
    if (known) return { ...known, lastUsedAt: await noteUse(place, checksum, known.lastUsedAt, call) };
    const made = await whileImporting(place, checksum, call, async () => {
      // Somebody may have finished between the look and the lock.
      const meanwhile = await readRecord(place, checksum, call);
      if (meanwhile) return meanwhile;
      await sweep(place, call);
      return importImage(place, source, report, call);
    });
    if (made) return made;
  }
}

async function importImage(
  place: Place,
  source: ImageSource,
  report: Report,
  call: CallOptions,
): Promise<ImageRecord | undefined> {
  const { session, pool, native } = place;
  const { checksum, virtualSizeBytes } = source;
  const format = KEPT_FORMATS.find((kept) => kept === source.format);
  if (!format) {
    const message = `Image ${checksum.hex} is in format ${source.format}, which is not kept here. ${AS_THEY_ARE.reason}`;
    throw new DriverError('CAPABILITY.CONDITION_UNMET', message, { subject: checksum.hex, condition: AS_THEY_ARE });
  }
  await refuseTooLarge(session, pool, source.sizeBytes, call);
  const id: VolumeId = { pool: poolId(native.name), key: newImageName(checksum, format) };
  return withUndo(async (undo) => {
    const file = { id, name: id.key, sizeBytes: virtualSizeBytes, thick: false, content: verifiedImage(source) };
    await makeFromContent(place, file, format, report, call);
    undo.push(`image ${id.key}`, unmake(session, id));
    const { path } = await session.files.read(id, call);
    try {
      await publishRecord(place, checksum, { path, format }, call);
    } catch (error) {
      if (!isDriverError(error, 'VOLUME.EXISTS')) throw error;
      // Another import counts; ours is not needed.
      await unmake(session, id)(call);
      return undefined;
    }
    return { image: id, lastUsedAt: new Date() };
  });
}

/** Removes what killed imports left in the pool. */
async function sweep(place: Place, call: CallOptions): Promise<void> {
  const { session, pool, native } = place;
  const about = { what: `Pool ${pool.name}`, subject: pool.name, reads: true };
  const volumes = await session.daemon.call(about, call, (connection, own) =>
    storagePoolListAllVolumes(connection, pool, 0, own),
  );
  for (const { fileName, checksum } of restingImports(volumes.map(({ name }) => name))) {
    const id = { pool: poolId(native.name), key: fileName };
    if ((await readRecord(place, checksum, call))?.image.key === fileName) continue;
    // A machine may still run on one whose record somebody removed by hand.
    if ((await session.files.continuedBy(id, call)).length > 0) continue;
    if ((await session.attachments(call)).of(id).length > 0) continue;
    await unmake(session, id)(call);
  }
}
