import {
  isDriverError,
  taskId,
  type CachedImage,
  type CallOptions,
  type Checksum,
  type Images,
  type PoolId,
} from '@virt-drivers/core';
import { createListing, createSingleFlight, createTask } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { readAttachments, type Attachments } from './attachments.js';
import { folderOf } from './convert/datastore-path.js';
import type { Datastore } from './inventory.js';
import type { VmwareSession } from './session.js';
import {
  contentOfFolder,
  imageFile,
  imageFolder,
  IMAGES_FOLDER,
  RECORD_FILE,
  type ImageNote,
} from './storage/cached-image.js';
import { searchFolder } from './storage/folder-search.js';
import { countOfUsers } from './storage/links.js';
import { ensureImage, findImage, removeImage } from './storage/image-import.js';
import { refuseRemovalOfUsed } from './storage/removal.js';

/** Images that are kept on a datastore by their content, for volumes that are copied from them or continue them. */
export function createImages(session: VmwareSession): Images {
  const flights = createSingleFlight<string, ImageNote>();
  const usersIn = (pool: PoolId, options: CallOptions) => readAttachments(session, [pool], options);

  const storeOf = (pool: PoolId, options: CallOptions): Promise<Datastore> =>
    session.inventory.datastore(pool, options);

  return {
    async ensure(pool, image, options = {}) {
      const store = await storeOf(pool, options);
      const { algorithm } = image.checksum;
      const checksum = { algorithm, hex: image.checksum.hex.toLowerCase() };
      return createTask({
        id: taskId(`local-${randomUUID()}`),
        async run(report, signal) {
          const note = await flights.run(`${pool}/${algorithm}/${checksum.hex}`, { signal }, (shared) =>
            ensureImage(session, store, { ...image, checksum }, report, { signal: shared }),
          );
          return toImage(session, store, checksum, note, await usersIn(pool, { signal }), { signal });
        },
      });
    },
    async find(pool, { algorithm, hex }, options = {}) {
      const store = await storeOf(pool, options);
      const checksum = { algorithm, hex: hex.toLowerCase() };
      const note = await findImage(session, store, checksum, options);
      return note && toImage(session, store, checksum, note, await usersIn(pool, options), options);
    },
    list: (pool, options = {}) =>
      createListing(async function* () {
        const store = await storeOf(pool, options);
        const paths = await searchFolder(session, store, IMAGES_FOLDER, [RECORD_FILE], options);
        const users = await usersIn(pool, options);
        for (const checksum of paths.flatMap((path) => contentOfFolder(folderOf(path)) ?? [])) {
          const note = await findImage(session, store, checksum, options);
          if (note) yield await toImage(session, store, checksum, note, users, options);
        }
      }),
    async remove(pool, { algorithm, hex }, options = {}) {
      const store = await storeOf(pool, options);
      const checksum = { algorithm, hex: hex.toLowerCase() };
      const note = await findImage(session, store, checksum, options);
      if (!note) return;
      const volume = volumeOf(store, checksum, note);
      await session.locks.run(`${volume.pool}/${volume.key}`, options, async () => {
        await refuseRemovalOfUsed(session, volume, options);
        await removeImage(session, store, checksum, options).catch((error: unknown) => {
          // Somebody else was faster.
          if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
        });
      });
    },
  };
}

const volumeOf = ({ id }: Datastore, checksum: Checksum, { format }: ImageNote) => ({
  pool: id,
  key: imageFile(imageFolder(checksum), format),
});

async function toImage(
  session: VmwareSession,
  store: Datastore,
  checksum: Checksum,
  note: ImageNote,
  attachments: Attachments,
  options: CallOptions,
): Promise<CachedImage> {
  const volume = volumeOf(store, checksum, note);
  const machines = new Set(attachments.of(volume).map(({ machine }) => machine)).size;
  return {
    checksum,
    pool: store.id,
    volume,
    format: note.format,
    virtualSizeBytes: note.virtualSizeBytes,
    // Disks of machines that somebody else made continue it without a note.
    users: Math.max(machines, await countOfUsers(session, store, volume, options)),
    lastUsedAt: new Date(note.lastUsedAt),
  };
}
