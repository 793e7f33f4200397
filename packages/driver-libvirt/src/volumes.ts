import {
  DriverError,
  type CallOptions,
  type Condition,
  type DiskFormat,
  type FacetAs,
  type ImageSource,
  type MachineId,
  type NewVolume,
  type Task,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { afterChange, createTask, createVolumeRepeats, undefinedOn, withUndo } from '@virt-drivers/core/kit';
import { DomainBlockResizeFlags, domainBlockResize } from '@virt-drivers/libvirt';
import type { capabilities } from './capabilities.js';
import { toPool } from './convert/pool-xml.js';
import { readEncryptedName } from './convert/encryption-xml.js';
import type { NativeVolume } from './convert/volume-xml.js';
import { readDisks } from './convert/machine-xml.js';
import { aboutMachine } from './domains.js';
import { listingOf } from './listing.js';
import type { LibvirtSession } from './session.js';
import type { Backend, NewFile, OldFile, Place, Report } from './storage/backend.js';
import { backendFor } from './storage/backends.js';
import { checkCopy } from './storage/copying.js';
import { refuseWritten } from './storage/export.js';
import { newTaskId, refuseExisting, refuseTooLarge, wholeSectors } from './storage/making.js';
import { placeIn, placeOf } from './storage/place.js';
import { deviceThere, withVolumes } from './storage/powerflex-mapping.js';
import { createSharedPools } from './shared-pools.js';
import { removeVolume } from './storage/removal.js';
import { findFile, readVolumeView, readVolumeViews } from './storage/volume-view.js';

/** Looking at a large pool takes seconds: what others made is found by its name after so many milliseconds at the latest. */
const SEEN_WITHIN = 5_000;
const unlessGone = undefinedOn('VOLUME.NOT_FOUND', 'POOL.NOT_FOUND');

/** Volumes in libvirt's pools; `storage/` has how each kind is kept. */
export function createVolumes(session: LibvirtSession): FacetAs<'volumes', typeof capabilities.volumes> {
  const { pools, endpoint, locks } = session;
  const repeats = createVolumeRepeats();
  const shared = createSharedPools(pools);
  const lockOf = ({ pool, name }: NewVolume): string => `${pool}/${name}`;

  /** Whatever the way of making, once per name at a time and once per token. */
  const once = async (volume: NewVolume, options: CallOptions, make: () => Promise<VolumeId>): Promise<Volume> => {
    return locks.run(lockOf(volume), options, async () => {
      const earlier = repeats.find(volume);
      if (earlier) return readVolumeView(session, earlier, options);
      await refuseExisting(session, volume, options);
      return withUndo(async (undo) => {
        const id = await make();
        undo.push(`volume ${id.key}`, (own) => removeVolume(session, id, own));
        const made = await readVolumeView(session, id, options);
        repeats.note(volume, id);
        return made;
      });
    });
  };

  const startTask = (
    volume: NewVolume,
    make: (report: Report, options: CallOptions) => Promise<VolumeId>,
  ): Task<Volume> =>
    createTask({
      id: newTaskId(),
      run: (report, signal) => once(volume, { signal }, () => make(report, { signal })),
    });

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
        await shared.look(pool, options);
        yield* readVolumeViews(session, await pools.find(pool, options), options);
      }),
    get: (id, options = {}) => shared.read(id.pool, options, () => readVolumeView(session, id, options)),
    async find({ pool, name }, options = {}) {
      await pools.find(pool, options);
      const search = () => findFile(session, pool, name, options);
      const id = (await search()) ?? ((await shared.look(pool, options, SEEN_WITHIN)) ? await search() : undefined);
      return id && readVolumeView(session, id, options);
    },
    async create(volume, options = {}) {
      const place = await placeIn(session, volume.pool, options);
      const backend = backendFor(place.native, volume.format);
      const file = newFile(volume, backend, volume.sizeBytes);
      return once(volume, options, async () => {
        if (file.thick) await refuseTooLarge(session, place.pool, file.sizeBytes, options);
        return backend.blank(place, file, options);
      });
    },
    async createFromContent(volume, options = {}) {
      const { content } = volume;
      const place = await placeIn(session, volume.pool, options);
      const usual = content.format === 'iso' && place.native.type === 'dir' ? 'iso' : undefined;
      const backend = backendFor(place.native, volume.format ?? usual);
      refuseContent(content, backend);
      const file = { ...newFile(volume, backend, volume.sizeBytes ?? content.virtualSizeBytes), content };
      if (!repeats.find(volume)) {
        await refuseExisting(session, volume, options);
        await refuseTooLarge(session, place.pool, content.sizeBytes, options);
      }
      return startTask(volume, (report, call) => backend.fromContent(place, file, report, call));
    },
    async createFromVolume(volume, options = {}) {
      const place = await placeIn(session, volume.pool, options);
      const backend = backendFor(place.native, volume.format);
      const native = await checkCopy(session, volume, backend, options);
      refuseEncrypted(native);
      const source = { id: volume.source, native };
      const file = newFile(volume, backend, volume.sizeBytes ?? native.capacityBytes);
      if (!repeats.find(volume)) await refuseExisting(session, volume, options);
      return startTask(volume, (_, call) => {
        const { fromImage } = backend;
        if (volume.mode === 'linked' && fromImage) return fromImage(place, { ...file, image: source }, call);
        return withVolumes(session, [source.id], call, () => backend.clone(place, { ...file, source }, call));
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

/** Errors: `CAPABILITY.CONDITION_UNMET`. */
function newFile({ pool, name, provisioning }: NewVolume, backend: Backend, sizeBytes: bigint): NewFile {
  const { onlyThick, onlyThin } = backend;
  if (provisioning === 'thin' && onlyThick !== undefined) {
    const condition = { needs: 'pool-kind', value: 'directory, object', reason: onlyThick } as const;
    throw notProvisioned({ pool, name, provisioning }, condition);
  }
  if (provisioning === 'thick' && onlyThin !== undefined) {
    const condition = { needs: 'volume-format', value: 'qcow2, raw', reason: onlyThin } as const;
    throw notProvisioned({ pool, name, provisioning }, condition);
  }
  return {
    id: { pool, key: backend.keyOf(name) },
    name,
    sizeBytes: wholeSectors(sizeBytes),
    thick: provisioning === 'thick',
  };
}

const notProvisioned = (
  { pool, name, provisioning }: Pick<NewVolume, 'pool' | 'name' | 'provisioning'>,
  condition: Condition,
): DriverError => {
  const text = `Volume ${name} cannot be ${provisioning} in pool ${pool}: ${condition.reason} Leave provisioning out, or choose what can.`;
  return new DriverError('CAPABILITY.CONDITION_UNMET', text, { condition });
};

/** Errors: `REQUEST.INVALID`. */
function refuseContent({ format }: ImageSource, { name, takes }: Backend): void {
  if (takes.includes(format)) return;
  throw new DriverError(
    'REQUEST.INVALID',
    `Content in format ${format} cannot become a volume of kind ${name}; convert it to one of ${takes.join(', ')}.`,
  );
}

async function* exportVolume(
  session: LibvirtSession,
  id: VolumeId,
  format: DiskFormat,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const native = await session.files.read(id, options);
  refuseEncrypted(native);
  await refuseWritten(session, id, options);
  const { place, backend } = await placeOf(session, id, options);
  yield* backend.export(place, { id, native }, format, options);
}

async function growVolume(session: LibvirtSession, id: VolumeId, size: bigint, options: CallOptions): Promise<void> {
  const native = await session.files.read(id, options);
  const { capacityBytes } = native;
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
  const users = (await session.attachments(options)).of(id);
  const user = users.find(({ state }) => state === 'running' || state === 'paused');
  const { place, backend } = await placeOf(session, id, options);
  if (!user) return backend.grow(place, { id, native }, size, options);
  const grows = native.kind === 'block' ? backend.growsBelowMachines : !backend.growsStoppedOnly;
  if (!grows) throw cannotGrowNow(id, native, user.machine);
  const { domain, document } = await session.domains.view(user.machine, options);
  const disk = readDisks(document).find((candidate) => candidate.id === user.disk);
  if (!disk)
    throw new DriverError(
      'VOLUME.IN_USE',
      `Volume ${id.key} is just being detached from machine ${user.machine}. Try again.`,
      { subject: id.key },
    );
  const larger = backend.growsBelowMachines ? await growBelow(place, backend, { id, native }, size, options) : size;
  await session.daemon.call(aboutMachine(user.machine), options, (connection, call) =>
    domainBlockResize(connection, domain, disk.target, larger, DomainBlockResizeFlags.Bytes, call),
  );
}

/** Grows a device that a running machine has; resolves to the size that its machine is to be told. */
async function growBelow(
  place: Place,
  backend: Backend,
  volume: OldFile,
  size: bigint,
  options: CallOptions,
): Promise<bigint> {
  const { session } = place;
  await backend.grow(place, volume, size, options);
  const { capacityBytes } = await session.files.read(volume.id, options);
  await deviceThere(session, volume.id, capacityBytes, options);
  return capacityBytes;
}

/** Errors: `CAPABILITY.CONDITION_UNMET`: a copy would be in the clear, or have a key that nobody was told. */
function refuseEncrypted({ kind, fileName: key }: NativeVolume): void {
  if (!readEncryptedName(key, kind)) return;
  const reason = 'The content of an encrypted volume leaves it for a guest only.';
  const condition = { needs: 'volume-format', value: 'not encrypted', reason } as const;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `Volume ${key} is encrypted. ${reason}`, {
    subject: key,
    condition,
  });
}

function cannotGrowNow({ key }: VolumeId, { kind }: NativeVolume, machine: MachineId): DriverError {
  const reason = 'Neither libvirt nor QEMU makes it larger: it grows by being copied, which takes a stopped machine.';
  const condition: Condition =
    kind === 'block'
      ? { needs: 'pool-kind', value: 'directory, object', reason }
      : { needs: 'volume-format', value: 'qcow2, raw', reason };
  const message = `Volume ${key} cannot grow while machine ${machine} runs. Stop it first.`;
  return new DriverError('CAPABILITY.CONDITION_UNMET', message, { subject: key, heldBy: machine, condition });
}
