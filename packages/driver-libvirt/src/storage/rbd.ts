import { DriverError, isDriverError, poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { retryWhile, withUndo, type UndoStack } from '@virt-drivers/core/kit';
import { StorageVolDeleteFlags, storageVolDelete } from '@virt-drivers/libvirt';
import { FORMATS, headerBytesOf, intermediateName } from '../convert/volume-xml.js';
import { refreshPool } from '../pool-refresh.js';
import type { LibvirtSession } from '../session.js';
import type { Backend, NewFile, OldFile, Place, Report } from './backend.js';
import { makeFromContent } from './content.js';
import { exportFile } from './export.js';
import { aboutVolume, volumeOf } from './files.js';
import { fillFrom } from './filling.js';
import { checkFormat, copyFile, growFile, makeFile, making, unmake } from './making.js';
import { baseIn, clonesOf, linkName } from './rbd-links.js';
import { stagingPlace } from './staging.js';

/** libvirt makes no image of no size. Nothing is ever written to it. */
const LINK_BYTES = 4096n;

/** Images in a Ceph pool: thin, shared by hosts, cloned by Ceph itself. */
export const rbd: Backend = {
  name: 'rbd',
  format: 'raw',
  takes: FORMATS,
  keyOf: (name) => name,
  async blank(place, volume, options) {
    return withUndo((undo) => makeImage(undo, place, volume.id, volume.sizeBytes, options));
  },
  async fromContent(place, volume, report, options) {
    const { session } = place;
    const { content, name } = volume;
    const format = checkFormat(content.format);
    const staging = await stagingPlace(session, options);
    const id = { pool: poolId(staging.native.name), key: intermediateName(name, format) };
    await withUndo(async (undo) => {
      await makeFromContent(staging, { ...volume, id, sizeBytes: content.virtualSizeBytes }, format, report, options);
      undo.push(`volume ${id.key}`, unmake(session, id));
      const source = { id, native: await session.files.read(id, options) };
      await fill(undo, place, volume, source, report, options);
      await unmake(session, id)(options);
    });
    return volume.id;
  },
  async clone(place, volume, options) {
    await withUndo((undo) => fill(undo, place, volume, volume.source, () => undefined, options));
    return volume.id;
  },
  // Ceph snapshots the image, protects the snapshot and clones it: no byte is copied.
  async fromImage(place, { id, sizeBytes, image }, options) {
    const { session, pool } = place;
    if (image.id.pool !== id.pool) {
      throw new DriverError('REQUEST.INVALID', `Volume ${id.key} can continue images of its own pool only; copy it.`);
    }
    await withUndo(async (undo) => {
      await makeImage(undo, place, { pool: id.pool, key: linkName(image.id.key, id.key) }, LINK_BYTES, options);
      const plan = { fileName: id.key, format: 'raw', capacityBytes: image.native.capacityBytes } as const;
      await making(undo, session, id, () => copyFile(session, pool, plan, image.id, options));
      await growImage(session, id, sizeBytes, options);
    });
    return id;
  },
  grow: ({ session }, { id }, sizeBytes, options) => growImage(session, id, sizeBytes, options),
  async *export({ session }, volume, format, options) {
    yield* exportFile(await stagingPlace(session, options), volume, format, options);
  },
  async remove(place, id, options) {
    const { session } = place;
    const names = await session.files.names(place.pool, options);
    await retryWhile(options, (call) => deleteImage(place, id, call), { within: FORGETTING }).catch(asInUse);
    const base = baseIn(names, id.key);
    if (base !== undefined) await unmake(session, { pool: id.pool, key: linkName(base, id.key) })(options);
  },
  async usage({ session, pool }, { id }, options) {
    return clonesOf(await session.files.names(pool, options), id.key).map((key) => ({ pool: id.pool, key }));
  },
  async base({ session, pool }, id, options) {
    const key = baseIn(await session.files.names(pool, options), id.key);
    return key === undefined ? undefined : { pool: id.pool, key };
  },
};

/** Ceph takes an image for open for half a minute when who had it open was killed. */
const FORGETTING = { seconds: 40 };

/** With the snapshots that its clones, which are gone, were made of. Errors: `VOLUME.BUSY` while Ceph refuses. */
async function deleteImage({ session, pool }: Place, id: VolumeId, options: CallOptions): Promise<void> {
  const { daemon, files } = session;
  const about = { ...aboutRemoval(id), long: true, within: { minutes: 10 } };
  try {
    await daemon.call(about, options, (connection, call) =>
      storageVolDelete(connection, volumeOf(id), StorageVolDeleteFlags.WithSnapshots, call),
    );
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'VOLUME.IN_USE')) throw error;
    // QUIRK(libvirt 9.0): it tells an older error than Ceph's, such as that of a file that was not there.
    if (!(await files.names(pool, options)).includes(id.key)) return;
    const text = `Volume ${id.key} is open somewhere, or has clones.`;
    throw new DriverError('VOLUME.BUSY', text, { subject: id.key, stateAfter: 'unchanged', cause: error });
  }
}

/** Who was killed is forgotten by now. */
function asInUse(error: unknown): never {
  if (!isDriverError(error, 'VOLUME.BUSY')) throw error;
  const { message, subject, cause } = error;
  throw new DriverError('VOLUME.IN_USE', message, { cause, ...(subject === undefined ? {} : { subject }) });
}

const makeImage = (
  undo: UndoStack,
  { session, pool }: Place,
  id: VolumeId,
  capacityBytes: bigint,
  options: CallOptions,
): Promise<VolumeId> =>
  making(undo, session, id, () =>
    makeFile(session, pool, { fileName: id.key, format: 'raw', capacityBytes }, options).catch((error: unknown) =>
      refuseTaken(session, id, error, options),
    ),
  );

/**
 * QUIRK(libvirt 9.0): that another host has made the image comes as an error of the system whose number is an older one's.
 * Taken for one that may have been made, it would be removed.
 */
async function refuseTaken(
  session: LibvirtSession,
  id: VolumeId,
  error: unknown,
  options: CallOptions,
): Promise<never> {
  if (!isDriverError(error) || error.native === undefined) throw error;
  const pool = await refreshPool(session, id.pool, options);
  if (!(await session.files.names(pool, options)).includes(id.key)) throw error;
  const text = `Volume ${id.key} is in pool ${id.pool} already, made by another host. Choose another name, or delete it.`;
  throw new DriverError('VOLUME.EXISTS', text, { subject: id.key, cause: error });
}

/** Makes an image with the content of another volume, of whatever pool. */
async function fill(
  undo: UndoStack,
  place: Place,
  { id, sizeBytes }: NewFile,
  source: OldFile,
  report: Report,
  options: CallOptions,
): Promise<void> {
  await makeImage(undo, place, id, source.native.capacityBytes, options);
  await fillFrom(place.session, id, source, report, options);
  await growImage(place.session, id, sizeBytes, options);
}

/**
 * Grows an image. QUIRK: libvirt counts whole objects of Ceph's, 4 MiB, as allocated, and takes a smaller capacity than
 * that for shrinking; what is to be smaller than its objects gets as large as they are.
 */
async function growImage(
  session: LibvirtSession,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const native = await session.files.read(id, options);
  if (native.capacityBytes >= sizeBytes) return;
  const least = native.allocatedBytes - headerBytesOf(native);
  await growFile(session, id, sizeBytes > least ? sizeBytes : least, options);
}

// librbd's -EBUSY and -ENOTEMPTY come as plain system errors.
const aboutRemoval = (id: VolumeId) =>
  ({
    ...aboutVolume(id),
    means: {
      ...aboutVolume(id).means,
      SYSTEM_ERROR: { code: 'VOLUME.IN_USE', says: 'is open somewhere, or has clones' },
    },
  }) as const;
