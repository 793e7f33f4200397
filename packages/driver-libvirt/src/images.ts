import {
  bytes,
  DriverError,
  isDriverError,
  type CachedImage,
  type CallOptions,
  type Checksum,
  type Condition,
  type Images,
  type PoolId,
} from '@virt-drivers/core';
import { createSingleFlight, createTask, undefinedOn } from '@virt-drivers/core/kit';
import { storagePoolListAllVolumes } from '@virt-drivers/libvirt';
import { formatOf } from './convert/volume-xml.js';
import { listingOf } from './listing.js';
import type { LibvirtSession } from './session.js';
import type { Place } from './storage/backend.js';
import { readContinuations, type Continuations } from './storage/continuations.js';
import { ensureImage } from './storage/image-import.js';
import { recordedContent } from './storage/image-names.js';
import { publishRecord, readRecord, withdrawRecord, type ImageRecord } from './storage/image-record.js';
import { checkFormat, newTaskId, unmake } from './storage/making.js';
import { placeIn as findPlace } from './storage/place.js';
import { refuseRemovalOfUsed } from './storage/removal.js';

/** Why other pools have no cache. */
const IN_FILES: Condition = {
  needs: 'pool-kind',
  value: 'directory',
  reason: 'An image is recorded by a file that continues it, which libvirt makes at once or not at all.',
};

/** Images that volumes continue, kept in directory pools by their content. */
export function createImages(session: LibvirtSession): Images {
  const flights = createSingleFlight<string, ImageRecord>();

  const placeIn = async (id: PoolId, options: CallOptions): Promise<Place> => {
    const place = await findPlace(session, id, options);
    if (place.native.type === 'dir') return place;
    const message = `Pool ${id} of type ${place.native.type} keeps no images. ${IN_FILES.reason}`;
    throw new DriverError('CAPABILITY.CONDITION_UNMET', message, { subject: id, condition: IN_FILES });
  };

  const find = async (pool: PoolId, checksum: Checksum, options: CallOptions): Promise<CachedImage | undefined> => {
    const place = await placeIn(pool, options);
    const record = await readRecord(place, checksum, options);
    return record && view(session, checksum, record, await readContinuations(session, options), options);
  };

  return {
    async ensure(pool, image, options = {}) {
      const place = await placeIn(pool, options);
      const { algorithm, hex } = image.checksum;
      return createTask({
        id: newTaskId(),
        async run(report, signal) {
          const record = await flights.run(`${pool}/${algorithm}/${hex}`, { signal }, (shared) =>
            ensureImage(place, image, report, { signal: shared }),
          );
          const continuations = await readContinuations(session, { signal });
          return view(session, { algorithm, hex }, record, continuations, { signal });
        },
      });
    },
    find: (pool, checksum, options = {}) => find(pool, checksum, options),
    list: (pool, options = {}) =>
      listingOf(async function* () {
        const place = await placeIn(pool, options);
        const about = { what: `Pool ${pool}`, subject: pool, reads: true };
        const volumes = await session.daemon.call(about, options, (connection, call) =>
          storagePoolListAllVolumes(connection, place.pool, 0, call),
        );
        const continuations = await readContinuations(session, options);
        for (const checksum of volumes.flatMap(({ name }) => recordedContent(name) ?? [])) {
          const record = await readRecord(place, checksum, options);
          yield record &&
            (await view(session, checksum, record, continuations, options).catch(undefinedOn('VOLUME.NOT_FOUND')));
        }
      }),
    async remove(pool, checksum, options = {}) {
      const place = await placeIn(pool, options);
      const record = await readRecord(place, checksum, options);
      if (record) await removeImage(place, checksum, record, options);
    },
  };
}

async function view(
  { files }: LibvirtSession,
  checksum: Checksum,
  { image, lastUsedAt }: ImageRecord,
  continuations: Continuations,
  options: CallOptions,
): Promise<CachedImage> {
  const native = await files.read(image, options);
  return {
    checksum: { algorithm: checksum.algorithm, hex: checksum.hex },
    pool: image.pool,
    volume: image,
    format: formatOf(native),
    virtualSizeBytes: native.capacityBytes,
    allocatedBytes: bytes(native.allocatedBytes),
    users: continuations.of(native.path).length,
    lastUsedAt,
  };
}

/**
 * Takes the record first, so that nobody new comes to the image, then looks who is there. A user found then gets the
 * record back.
 */
async function removeImage(
  place: Place,
  checksum: Checksum,
  { image }: ImageRecord,
  options: CallOptions,
): Promise<void> {
  const { session } = place;
  await refuseRemovalOfUsed(session, image, options);
  const native = await session.files.read(image, options);
  await withdrawRecord(place, checksum, options);
  try {
    await refuseRemovalOfUsed(session, image, options);
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return;
    const back = { path: native.path, format: checkFormat(formatOf(native)) };
    await publishRecord(place, checksum, back, {}).catch(unlessThere);
    throw error;
  }
  await unmake(session, image)(options);
}

function unlessThere(error: unknown): void {
  if (!isDriverError(error, 'VOLUME.EXISTS')) throw error;
}
