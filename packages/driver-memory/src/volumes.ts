import {
  DriverError,
  sameVolume,
  snapshotId,
  type Bytes,
  type ContentVolume,
  type CopyVolume,
  type FacetAs,
  type Task,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { unmet } from './errors.js';
import { CONTENT_FORMAT } from './limits.js';
import type { MemorySession } from './session.js';
import { makeBlankVolume } from './world/blank-volume.js';
import { copyVolume } from './world/copy-volume.js';
import { checkDeletable, removeVolume } from './world/delete-volume.js';
import { exportVolume } from './world/export-volume.js';
import { fillVolume } from './world/fill-volume.js';
import { findPool, findReadyPool, findVolume, volumeOf } from './world/find.js';
import { fingerprintOf } from './world/fingerprint.js';
import { growVolume } from './world/grow-volume.js';
import { freeze, sweepLayers } from './world/layers.js';
import { beginVolume, checkNewVolume, madeBefore, roundUp } from './world/new-volume.js';
import { nextId } from './world/scene.js';
import { checkRoom } from './world/space.js';
import { viewPool, viewVolume } from './world/view.js';
import { checkNotWritten } from './world/written.js';

function createFromContent(session: MemorySession, request: ContentVolume): Promise<Task<Volume>> {
  const { content, clientToken } = request;
  const start = async (): Promise<Task<Volume>> => {
    const making = await session.change((scene) => {
      const before = madeBefore(scene, request);
      if (before) return before;
      checkNewVolume(scene, request);
      if (!['raw', 'qcow2', 'iso'].includes(content.format))
        throw unmet(`Content in format ${content.format}`, CONTENT_FORMAT);
      checkRoom(
        scene,
        request.pool,
        request.provisioning === 'thick' ? content.virtualSizeBytes : 0n,
        request.sizeBytes ?? content.virtualSizeBytes,
      );
      return beginVolume(scene, request, content.format === 'qcow2');
    });
    if ('id' in making) return session.startTask(async () => making);
    return session.startTask((report, signal) => fillVolume(session, request, making, report, signal));
  };
  return clientToken === undefined
    ? start()
    : session.world.tasks.share(`volume:${clientToken}:${fingerprintOf(request)}`, start);
}

const createFromVolume = (session: MemorySession, request: CopyVolume): Promise<Task<Volume>> => {
  if (request.mode === 'linked') session.need('volumes.linkedClone');
  return session.startTask(() => session.change((scene) => copyVolume(scene, request)));
};

function resolve(session: MemorySession, known: Volume): Promise<Volume | undefined> {
  return session.look((scene) => {
    const same = volumeOf(scene, known.id);
    if (same) return viewVolume(scene, same);
    const alike = Object.values(scene.state.volumes).filter(
      ({ id, name, sizeBytes }) => id.key === known.id.key || (name === known.name && sizeBytes === known.sizeBytes),
    );
    return alike.length === 1 && alike[0] ? viewVolume(scene, alike[0]) : undefined;
  });
}

const snapshots = (
  session: MemorySession,
): Pick<
  FacetAs<'volumes', typeof capabilities.volumes>,
  'snapshotVolume' | 'volumeSnapshots' | 'deleteVolumeSnapshot'
> => ({
  snapshotVolume: (id, name) =>
    session.change((scene) => {
      const volume = findVolume(scene, id);
      checkNotWritten(scene, volume);
      if (volume.snapshots.some((snapshot) => snapshot.name === name)) {
        throw new DriverError(
          'SNAPSHOT.EXISTS',
          `Snapshot "${name}" of volume ${id.key} is already there; choose another name.`,
          { subject: name },
        );
      }
      const snapshot = {
        id: snapshotId(nextId(scene, 'snapshot')),
        name,
        createdAt: scene.now,
        layer: freeze(scene, volume),
      };
      volume.snapshots.push(snapshot);
      return { id: snapshot.id, volume: volume.id, name, createdAt: scene.now };
    }),
  volumeSnapshots: (id) =>
    createListing(async function* () {
      yield* await session.look((scene) =>
        findVolume(scene, id).snapshots.map((snapshot) => ({
          id: snapshot.id,
          volume: id,
          name: snapshot.name,
          createdAt: snapshot.createdAt,
        })),
      );
    }),
  deleteVolumeSnapshot: (id, snapshot) =>
    session.change((scene) => {
      const volume = findVolume(scene, id);
      volume.snapshots.splice(0, volume.snapshots.length, ...volume.snapshots.filter((one) => one.id !== snapshot));
      sweepLayers(scene);
    }),
});

/** Facet `volumes`. */
export const createVolumes = (session: MemorySession): FacetAs<'volumes', typeof capabilities.volumes> => ({
  pools: () =>
    createListing(async function* () {
      yield* await session.look((scene) => scene.state.pools.map((pool) => viewPool(scene, pool)));
    }),
  pool: (id) => session.look((scene) => viewPool(scene, findPool(scene, id))),
  list: (pool) =>
    createListing(async function* () {
      yield* await session.look((scene) => {
        findReadyPool(scene, pool);
        return Object.values(scene.state.volumes)
          .filter(({ id }) => id.pool === pool)
          .map((volume) => viewVolume(scene, volume));
      });
    }),
  get: (id) => session.look((scene) => viewVolume(scene, findVolume(scene, id))),
  find: ({ pool, name }) =>
    session.look((scene) => {
      findPool(scene, pool);
      const volume = Object.values(scene.state.volumes).find((one) => one.id.pool === pool && one.name === name);
      return volume && viewVolume(scene, volume);
    }),
  create: (request) => session.change((scene) => makeBlankVolume(scene, request)),
  createFromContent: (request) => createFromContent(session, request),
  createFromVolume: async (request) => createFromVolume(session, request),
  grow: (id: VolumeId, sizeBytes: Bytes) =>
    session.change((scene) =>
      viewVolume(
        scene,
        growVolume(scene, findVolume(scene, id), roundUp(sizeBytes), session.has('volumes.growOnline')),
      ),
    ),
  export: (id, request = {}, options = {}) => exportVolume(session, id, request, options),
  delete: (id) =>
    session.change((scene) => {
      const volume = volumeOf(scene, id);
      if (!volume || !sameVolume(volume.id, id)) return;
      checkDeletable(scene, volume);
      removeVolume(scene, volume);
      sweepLayers(scene);
    }),
  resolve: (known) => resolve(session, known),
  ...snapshots(session),
});
