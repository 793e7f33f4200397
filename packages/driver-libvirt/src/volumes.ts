import {
  DriverError,
  isDriverError,
  type CallOptions,
  type NewVolume,
  type Volume,
  type VolumeId,
  type Volumes,
} from '@virt-drivers/core';
import { createTask, withUndo } from '@virt-drivers/core/kit';
import { DomainBlockResizeFlags, domainBlockResize } from '@virt-drivers/libvirt';
import { afterChange } from './after-change.js';
import { readAttachments } from './attachments.js';
import { FORMATS, fileNameOf, toPool } from './convert/volume-xml.js';
import { readDisks } from './convert/machine-xml.js';
import { aboutMachine } from './domains.js';
import { listingOf } from './listing.js';
import type { LibvirtSession } from './session.js';
import { makeFromContent } from './storage/content.js';
import { checkCopy, makeFromVolume } from './storage/copying.js';
import { exportVolume } from './storage/export.js';
import {
  checkFormat,
  growFile,
  makeFile,
  making,
  newTaskId,
  refuseExisting,
  refuseTooLarge,
  unmake,
  wholeSectors,
} from './storage/making.js';
import { removeVolume } from './storage/removal.js';
import { createRepeats } from './storage/repeats.js';
import { findFile, readVolumeView, readVolumeViews } from './storage/volume-view.js';

type LibvirtVolumes = Omit<Volumes, 'snapshotVolume' | 'volumeSnapshots' | 'deleteVolumeSnapshot'>;

/** Volumes are files in libvirt's directory pools. */
export function createVolumes(session: LibvirtSession): Required<LibvirtVolumes> {
  const { pools, endpoint, locks } = session;
  const repeats = createRepeats();
  const lockOf = ({ pool, name }: NewVolume): string => `${pool}/${name}`;

  /** Whatever the way of making, once per name at a time and once per token. */
  const once = async (volume: NewVolume, options: CallOptions, make: () => Promise<VolumeId>): Promise<Volume> => {
    return locks.run(lockOf(volume), options, async () => {
      const earlier = repeats.find(volume);
      if (earlier) return readVolumeView(session, earlier, options);
      await refuseExisting(session, volume, options);
      return withUndo(async (undo) => {
        const id = await make();
        undo.push(`volume ${id.key}`, unmake(session, id));
        const made = await readVolumeView(session, id, options);
        repeats.note(volume, id);
        return made;
      });
    });
  };

  return {
    pools: (options = {}) =>
      listingOf(async function* () {
        for (const pool of await pools.list(options)) {
          const view = await pools.view(pool, options).catch(unlessGone);
          yield view && toPool(view.native, view.figures, endpoint.hostId);
        }
      }),
    async pool(id, options = {}) {
      const { native, figures } = await pools.view(await pools.find(id, options), options);
      return toPool(native, figures, endpoint.hostId);
    },
    list: (pool, options = {}) =>
      listingOf(async function* () {
        yield* readVolumeViews(session, await pools.find(pool, options), options);
      }),
    get: (id, options = {}) => readVolumeView(session, id, options),
    async find({ pool, name }, options = {}) {
      await pools.find(pool, options);
      const id = await findFile(session, pool, name, options);
      return id && readVolumeView(session, id, options);
    },
    async create(volume, options = {}) {
      const format = checkFormat(volume.format ?? FORMATS[0]);
      const { pool } = await pools.directory(volume.pool, options);
      const capacityBytes = wholeSectors(volume.sizeBytes);
      const thick = volume.provisioning === 'thick';
      const fileName = fileNameOf(volume.name, format);
      return once(volume, options, async () => {
        if (thick) await refuseTooLarge(session, pool, capacityBytes, options);
        const plan = { fileName, format, capacityBytes, thick };
        const id = { pool: volume.pool, key: fileName };
        return withUndo((undo) => making(undo, session, id, () => makeFile(session, pool, plan, options)));
      });
    },
    async createFromContent(volume, options = {}) {
      const { content } = volume;
      const format = checkFormat(volume.format ?? (content.format === 'iso' ? 'iso' : FORMATS[0]));
      checkFormat(content.format);
      const { pool } = await pools.directory(volume.pool, options);
      if (!repeats.find(volume)) {
        await refuseExisting(session, volume, options);
        await refuseTooLarge(session, pool, content.sizeBytes, options);
      }
      return createTask({
        id: newTaskId(),
        run: (report, signal) =>
          once(volume, { signal }, () => makeFromContent(session, volume, format, report, { signal })),
      });
    },
    async createFromVolume(volume, options = {}) {
      const format = checkFormat(volume.format ?? FORMATS[0]);
      await pools.directory(volume.pool, options);
      const source = await checkCopy(session, volume, format, options);
      if (!repeats.find(volume)) await refuseExisting(session, volume, options);
      return createTask({
        id: newTaskId(),
        run: (_, signal) => once(volume, { signal }, () => makeFromVolume(session, volume, source, format, { signal })),
      });
    },
    async grow(id, sizeBytes, options = {}) {
      await growVolume(session, id, wholeSectors(sizeBytes), options);
      return afterChange(readVolumeView(session, id, options));
    },
    export: (id, request = {}, options = {}) => exportVolume(session, id, request.format ?? 'raw', options),
    async delete(id, options = {}) {
      await removeVolume(session, id, options);
      repeats.forget(id);
    },
    async resolve(known, options = {}) {
      // A file's name is its identity: one that was renamed by somebody else cannot be told from another for sure.
      return readVolumeView(session, known.id, options).catch(unlessGone);
    },
  };
}

async function growVolume(session: LibvirtSession, id: VolumeId, size: bigint, options: CallOptions): Promise<void> {
  const { capacityBytes } = await session.files.read(id, options);
  if (capacityBytes === size) return;
  if (capacityBytes > size) {
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Volume ${id.key} has ${capacityBytes} bytes and cannot shrink to ${size}. Make a new one.`,
      {
        subject: id.key,
      },
    );
  }
  const users = (await readAttachments(session.domains, options)).of(id);
  const user = users.find(({ state }) => state === 'running' || state === 'paused');
  if (!user) return growFile(session, id, size, options);
  const { domain, document } = await session.domains.view(user.machine, options);
  const disk = readDisks(document).find((candidate) => candidate.id === user.disk);
  if (!disk)
    throw new DriverError(
      'VOLUME.IN_USE',
      `Volume ${id.key} is just being detached from machine ${user.machine}. Try again.`,
      { subject: id.key },
    );
  await session.daemon.call(aboutMachine(user.machine), options, (connection, call) =>
    domainBlockResize(connection, domain, disk.target, size, DomainBlockResizeFlags.Bytes, call),
  );
}

function unlessGone(error: unknown): undefined {
  if (isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) return undefined;
  throw error;
}
