import {
  DriverError,
  isDriverError,
  taskId,
  type CallOptions,
  type FacetAs,
  type NewVolume,
  type Volume,
} from '@virt-drivers/core';
import { afterChange, createListing, createTask, withUndo } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import type { capabilities } from './capabilities.js';
import { readPool, readPools } from './pools.js';
import type { VmwareSession } from './session.js';
import { checkContent, fillFromContent } from './storage/content.js';
import { checkCopy, fillFromVolume } from './storage/copying.js';
import { exportVolume } from './storage/exporting.js';
import { growVolume } from './storage/growing.js';
import { linkVolume } from './storage/linking.js';
import {
  begin,
  type BegunVolume,
  checkFormat,
  makeDisk,
  refuseTooLarge,
  wholeKibibytes,
  zeros,
} from './storage/making.js';
import { refuseRemovalOfUsed, removeVolume } from './storage/removal.js';
import type { FileFormat } from './storage/volume-file.js';
import { notePolicy } from './storage/volume-policy.js';
import { findVolume, readVolumeView, readVolumeViews } from './storage/volume-views.js';

/** Volumes are files of datastores. */
export function createVolumes(session: VmwareSession): FacetAs<'volumes', typeof capabilities.volumes> {
  const { inventory, locks, repeats } = session;

  /** Whatever the way of making, once per name at a time and once per token. */
  const once = (
    volume: NewVolume,
    format: FileFormat,
    options: CallOptions,
    fill: (made: BegunVolume) => Promise<void>,
  ): Promise<Volume> =>
    locks.run(`${volume.pool}/${volume.name}`, options, async () => {
      const earlier = repeats.find(volume);
      if (earlier) return readVolumeView(session, earlier, options);
      await refuseExisting(session, volume, options);
      return withUndo(async (undo) => {
        const made = await begin(session, undo, volume, format, options);
        await fill(made).catch((error: unknown) => {
          if (isDriverError(error, 'VOLUME.EXISTS')) made.leave();
          throw error;
        });
        if (made.policy !== undefined) await notePolicy(session, made.store, made.id, made.policy, options);
        const view = await readVolumeView(session, made.id, options);
        repeats.note(volume, made.id);
        return view;
      });
    });

  return {
    pools: (options = {}) => createListing(() => readPools(session, options)),
    pool: (id, options = {}) => readPool(session, id, options),
    list: (pool, options = {}) =>
      createListing(async function* (skip) {
        const store = await inventory.datastore(pool, options);
        for await (const one of readVolumeViews(session, store, options)) {
          if (isDriverError(one)) skip();
          else yield one;
        }
      }),
    get: (id, options = {}) => readVolumeView(session, id, options),
    async find({ pool, name }, options = {}) {
      await inventory.datastore(pool, options);
      const file = await findVolume(session, pool, name, options);
      return file && readVolumeView(session, file.id, options);
    },
    async create(volume, options = {}) {
      const format = checkFormat(volume.format ?? 'vmdk');
      const store = await inventory.datastore(volume.pool, options);
      const size = format === 'iso' ? volume.sizeBytes : wholeKibibytes(volume.sizeBytes);
      const thick = volume.provisioning === 'thick';
      if (thick || format === 'iso') await refuseTooLarge(session, store, size, options);
      return once(volume, format, options, (made) =>
        format === 'iso'
          ? session.datastoreFiles.upload(store, made.id.key, zeros(size), size, options)
          : makeDisk(session, made, size, thick ? 'eagerZeroedThick' : 'thin', options),
      );
    },
    async createFromContent(volume, options = {}) {
      const format = checkContent(volume);
      const store = await inventory.datastore(volume.pool, options);
      if (!repeats.find(volume)) {
        await refuseExisting(session, volume, options);
        await refuseTooLarge(session, store, volume.content.sizeBytes, options);
      }
      return createTask({
        id: newTaskId(),
        run: (report, signal) =>
          once(volume, format, { signal }, (made) => fillFromContent(session, made, volume, report, { signal })),
      });
    },
    async createFromVolume(volume, options = {}) {
      await inventory.datastore(volume.pool, options);
      const source = await checkCopy(session, volume, options);
      if (!repeats.find(volume)) await refuseExisting(session, volume, options);
      return createTask({
        id: newTaskId(),
        run: (report, signal) =>
          once(volume, source.format, { signal }, (made) =>
            volume.mode === 'linked'
              ? locks.run(`${source.id.pool}/${source.id.key}`, { signal }, () =>
                  linkVolume(session, made, volume.name, source, { signal }),
                )
              : fillFromVolume(session, made, volume, source, report, { signal }),
          ),
      });
    },
    async grow(id, sizeBytes, options = {}) {
      await growVolume(session, id, sizeBytes, options);
      return afterChange(readVolumeView(session, id, options));
    },
    export: (id, request = {}, options = {}) => exportVolume(session, id, request.format, options),
    async delete(id, options = {}) {
      await locks.run(`${id.pool}/${id.key}`, options, async () => {
        await refuseRemovalOfUsed(session, id, options);
        await removeVolume(session, id, options);
      });
    },
    // A path is a file's identity: one that somebody else moved cannot be told from another for sure.
    resolve: (known, options = {}) =>
      readVolumeView(session, known.id, options).catch((error: unknown) => {
        if (isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) return undefined;
        throw error;
      }),
  };
}

const newTaskId = () => taskId(`local-${randomUUID()}`);

/** Errors: `VOLUME.EXISTS`, in whatever format it is. */
async function refuseExisting(session: VmwareSession, volume: NewVolume, options: CallOptions): Promise<void> {
  const file = await findVolume(session, volume.pool, volume.name, options);
  if (!file) return;
  throw new DriverError('VOLUME.EXISTS', `Volume ${volume.name} is in pool ${volume.pool} already.`, {
    subject: file.id.key,
  });
}
