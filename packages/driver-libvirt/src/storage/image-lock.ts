import { isDriverError, poolId, type CallOptions, type Checksum, type VolumeId } from '@virt-drivers/core';
import { delay, undefinedOn } from '@virt-drivers/core/kit';
import { storageVolResize } from '@virt-drivers/libvirt';
import type { Place } from './backend.js';
import { aboutVolume, volumeOf } from './files.js';
import { lockName } from './image-names.js';
import { makeFile, unmake } from './making.js';

const SECTOR = 512n;
/** How often the holder shows that it is alive, and after how much silence it is taken for dead. */
const BEAT_MILLISECONDS = 4_000;
const SILENCE_MILLISECONDS = 20_000;
const LOOK_MILLISECONDS = 300;

/**
 * Runs work while no other process on the host does the same for this content. A file is the lock: libvirt makes a name
 * once. Its size grows while its holder lives, so that the lock of a dead one is broken. Should a holder that was only
 * asleep wake up, two do the work: nothing breaks, for the record decides which result counts.
 * Resolves to undefined, without having run the work, when another holder let go: look again what there is.
 */
export async function whileImporting<T>(
  place: Place,
  checksum: Checksum,
  call: CallOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const id: VolumeId = { pool: poolId(place.native.name), key: lockName(checksum) };
  if (!(await acquire(place, id, call))) {
    await outlast(place, id, call);
    return undefined;
  }
  const stop = new AbortController();
  const beating = beat(place, id, stop.signal);
  try {
    return await work();
  } finally {
    stop.abort();
    await beating;
    await unmake(place.session, id)({});
  }
}

async function acquire({ session, pool }: Place, id: VolumeId, call: CallOptions): Promise<boolean> {
  try {
    await makeFile(session, pool, { fileName: id.key, format: 'raw', capacityBytes: SECTOR }, call);
    return true;
  } catch (error) {
    if (isDriverError(error, 'VOLUME.EXISTS')) return false;
    throw error;
  }
}

async function beat({ session }: Place, id: VolumeId, signal: AbortSignal): Promise<void> {
  for (let size = 2n * SECTOR; ; size += SECTOR) {
    try {
      await delay({ milliseconds: BEAT_MILLISECONDS }, { signal });
      await session.daemon.call(aboutVolume(id), {}, (connection, own) =>
        storageVolResize(connection, volumeOf(id), size, 0, own),
      );
    } catch {
      // Stopped; or the lock is lost, and the record will tell whose import counts.
      return;
    }
  }
}

/** Resolves when the holder let go, or was silent for so long that its lock was broken. */
async function outlast({ session }: Place, id: VolumeId, call: CallOptions): Promise<void> {
  let seen = -1n;
  let since = Date.now();
  for (;;) {
    const lock = await session.files.read(id, call).catch(undefinedOn('VOLUME.NOT_FOUND'));
    if (!lock) return;
    if (lock.capacityBytes !== seen) {
      seen = lock.capacityBytes;
      since = Date.now();
    } else if (Date.now() - since > SILENCE_MILLISECONDS) return unmake(session, id)(call);
    await delay({ milliseconds: LOOK_MILLISECONDS }, call, { what: 'Waiting for an import by somebody else' });
  }
}
