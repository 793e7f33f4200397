import {
  DriverError,
  isDriverError,
  poolId,
  type CallOptions,
  type Condition,
  type VolumeId,
} from '@virt-drivers/core';
import { withUndo, type UndoStack } from '@virt-drivers/core/kit';
import { isEncrypted } from '../convert/encryption-xml.js';
import { FORMATS, formatOf, intermediateName, sameBytes } from '../convert/volume-xml.js';
import type { Backend, NewFile, OldFile, Place, Report } from './backend.js';
import { makeFromContent, send } from './content.js';
import { download, exportFile } from './export.js';
import { fillFrom, fillWithZeros } from './filling.js';
import { growByCopy, settleGrowth, type Remaking } from './growth-by-copy.js';
import { checkFormat, makeFile, making, refuseTooLarge, unmake } from './making.js';
import { deleteFile } from './removal.js';
import { stagingPlace } from './staging.js';

/**
 * Logical volumes of a volume group. libvirt makes them whole only: its sparse ones are snapshots that lose all they
 * hold when the space that was guessed for them is full. Thin ones that others made are volumes like any.
 */
export const logical: Backend = {
  name: 'logical',
  format: 'raw',
  takes: FORMATS,
  onlyThick: 'libvirt makes logical volumes whole; make a thin one with lvcreate on the host.',
  keyOf: (name) => name,
  async blank(place, { id, sizeBytes }, options) {
    await withUndo((undo) => makeBlank(undo, place, id, sizeBytes, options));
    return id;
  },
  async fromContent(place, volume, report, options) {
    const { content, id, sizeBytes } = volume;
    if (sameBytes(checkFormat(content.format), 'raw')) {
      await withUndo(async (undo) => {
        await makeAround(undo, place, id, sizeBytes, content.virtualSizeBytes, options);
        await send(place.session, id, content, report, options);
      });
    } else await fromOtherContent(place, volume, report, options);
    return id;
  },
  async clone(place, { id, sizeBytes, source }, options) {
    await withUndo((undo) => makeCopy(undo, place, id, sizeBytes, source, () => undefined, options));
    return id;
  },
  async grow(place, volume, sizeBytes, options) {
    if (isEncrypted(volume.native.path, 'block')) throw refusedGrowth(volume.id);
    await growByCopy(place.session, volume, sizeBytes, remaking(place), options);
  },
  settle: (place, id, options) => settleGrowth(place.session, id, remaking(place), options),
  async *export({ session }, volume, format, options) {
    if (sameBytes(checkFormat(format), formatOf(volume.native))) yield* download(session, volume.id, options);
    else yield* exportFile(await stagingPlace(session, options), volume, format, options);
  },
  async remove({ session }, id, options) {
    try {
      await deleteFile(session, id, options);
    } catch (error) {
      if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
    }
  },
  // lvremove takes a volume's snapshots with it, so that they must be known.
  async usage({ session, pool }, { native }, options) {
    const found: VolumeId[] = [];
    for await (const one of session.files.readAll(pool, options)) {
      if (one === undefined || isDriverError(one) || one.backing?.path !== native.path) continue;
      found.push({ pool: poolId(pool.name), key: one.fileName });
    }
    return found;
  },
};

async function fromOtherContent(
  place: Place,
  volume: NewFile & Parameters<Backend['fromContent']>[1],
  report: Report,
  options: CallOptions,
): Promise<void> {
  const { session } = place;
  const { content, name, id, sizeBytes } = volume;
  const format = checkFormat(content.format);
  const staging = await stagingPlace(session, options);
  const staged = { pool: poolId(staging.native.name), key: intermediateName(name, format) };
  await withUndo(async (undo) => {
    const plain = { ...volume, id: staged, sizeBytes: content.virtualSizeBytes };
    await makeFromContent(staging, plain, format, report, options);
    undo.push(`volume ${staged.key}`, unmake(session, staged));
    const source = { id: staged, native: await session.files.read(staged, options) };
    await makeCopy(undo, place, id, sizeBytes, source, report, options);
    await unmake(session, staged)(options);
  });
}

async function makeCopy(
  undo: UndoStack,
  place: Place,
  id: VolumeId,
  sizeBytes: bigint,
  source: OldFile,
  report: Report,
  options: CallOptions,
): Promise<void> {
  await makeAround(undo, place, id, sizeBytes, source.native.capacityBytes, options);
  await fillFrom(place.session, id, source, report, options);
}

/** Makes a volume whose first bytes are about to be written, and whose other bytes are zeros. */
async function makeAround(
  undo: UndoStack,
  place: Place,
  id: VolumeId,
  sizeBytes: bigint,
  contentBytes: bigint,
  options: CallOptions,
): Promise<void> {
  await makeWhole(undo, place, id, sizeBytes, options);
  const { capacityBytes } = await place.session.files.read(id, options);
  if (capacityBytes > contentBytes) await fillWithZeros(place.session, id, options);
}

/** Makes a volume of zeros. Errors: `POOL.FULL`. */
export async function makeBlank(
  undo: UndoStack,
  place: Place,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  await makeWhole(undo, place, id, sizeBytes, options);
  await fillWithZeros(place.session, id, options);
}

/** Makes a volume, with whatever its blocks held before. Errors: `POOL.FULL`. */
async function makeWhole(
  undo: UndoStack,
  { session, pool }: Place,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  await refuseTooLarge(session, pool, sizeBytes, options);
  const plan = { fileName: id.key, format: 'raw', capacityBytes: sizeBytes, thick: true } as const;
  await making(undo, session, id, () => makeFile(session, pool, plan, options));
}

/** Its copy would be plain. */
const GROWS: Condition = {
  needs: 'pool-kind',
  value: 'directory, object',
  reason: 'libvirt makes no logical volume larger, and encrypted ones are not copied.',
};

const refusedGrowth = ({ key }: VolumeId): DriverError => {
  const text = `Volume ${key} is encrypted and cannot grow. ${GROWS.reason} Make a larger one, and copy in the guest.`;
  return new DriverError('CAPABILITY.CONDITION_UNMET', text, { subject: key, condition: GROWS });
};

const remaking = (place: Place): Remaking => ({
  make: (id, sizeBytes, options) => withUndo((undo) => makeBlank(undo, place, id, sizeBytes, options)),
  remove: (id, options) => unmake(place.session, id)(options),
});
