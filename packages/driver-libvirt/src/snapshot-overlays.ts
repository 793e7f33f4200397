import {
  DriverError,
  type CallOptions,
  type Condition,
  type MachineId,
  type SnapshotId,
  type SnapshotSpec,
  type VolumeId,
} from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import {
  DomainCreateFlags,
  DomainSnapshotCreateFlags,
  domainCreateWithFlags,
  domainDestroy,
  domainSnapshotCreateXml,
  domainSnapshotDelete,
  domainSnapshotGetXmlDesc,
  type Domain,
  type DomainSnapshot,
} from '@virt-drivers/libvirt';
import { readDisk } from './convert/disk-xml.js';
import { diskElements } from './convert/machine-xml.js';
import { overlaySnapshotXml, readOverlays, type Overlay } from './convert/overlay-snapshot-xml.js';
import { attribute, child } from './convert/xml.js';
import { fileNameOf, formatOf, isInFolder, type NativeVolume } from './convert/volume-xml.js';
import { directoryFor } from './console-log.js';
import { aboutMachine, isActive, type DomainView } from './domains.js';
import { refreshPool } from './pool-refresh.js';
import type { LibvirtSession } from './session.js';
import { makeFile, making, unmake } from './storage/making.js';

/** Why machines with other disks keep no memory. */
export const ONLY_QCOW2: Condition = {
  needs: 'volume-format',
  value: 'qcow2',
  reason: 'Memory is kept inside qcow2 volumes; libvirt before 9.9 cannot revert to memory that lies outside.',
};

const WORKING = { long: true, within: { minutes: 30 } } as const;

/**
 * Takes a snapshot of a machine whose disks cannot hold one: what is written from now on goes to new qcow2 files, and the
 * disks stay as they are. The files are made by the driver, so that nothing about them is guessed from what a guest wrote.
 */
export async function takeOverlays(
  session: LibvirtSession,
  view: DomainView,
  name: string,
  spec: SnapshotSpec,
  options: CallOptions,
): Promise<void> {
  const { DiskOnly, ReuseExt, Atomic } = DomainSnapshotCreateFlags;
  const { domain, machine, document } = view;
  const directory = await directoryFor(session, machine.disks, options);
  await withUndo(async (undo) => {
    const overlays: Overlay[] = [];
    for (const element of diskElements(document)) {
      const { target, readOnly, device, id } = readDisk(element);
      if (device === 'media' || readOnly) continue;
      const volume = machine.disks.find((disk) => disk.id === id)?.volume;
      const native = volume && (await session.files.read(volume, options));
      if (!native || native.kind === 'network' || isInFolder(native) || directory === undefined)
        throw notHere(machine.id, target);
      const path = `${directory}/${fileNameOf(`${name}-${target}`, 'qcow2')}`;
      const file = await session.pools.locate(path, options);
      await making(undo, session, file, () => makeOverlay(session, file, native, options));
      overlays.push({ target, path });
    }
    const untouched = diskElements(document)
      .map((element) => attribute(element, 'dev', 'target') ?? '')
      .filter((target) => !overlays.some((overlay) => overlay.target === target));
    const xml = overlaySnapshotXml(name, spec, overlays, untouched);
    await session.daemon.call({ ...aboutMachine(machine.id), ...WORKING }, options, (connection, call) =>
      domainSnapshotCreateXml(connection, domain, xml, DiskOnly | ReuseExt | Atomic, call),
    );
  });
}

const notHere = (machine: MachineId, target: string): DriverError => {
  const reason =
    'What is written after a snapshot goes to a file of a directory pool, over a volume of the host’s own pools that is not in Parallels’ format.';
  return new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Machine ${machine} has disk ${target} that can have no snapshot. ${reason}`,
    { subject: machine, condition: { needs: 'pool-kind', value: 'directory', reason } },
  );
};

/** An empty file over a volume. */
async function makeOverlay(
  session: LibvirtSession,
  { pool, key }: VolumeId,
  base: NativeVolume,
  options: CallOptions,
): Promise<VolumeId> {
  const backing = { path: base.path, format: formatOf(base) === 'qcow2' ? 'qcow2' : 'raw' } as const;
  const plan = { fileName: key, format: 'qcow2', capacityBytes: base.capacityBytes, backing } as const;
  return makeFile(session, await session.pools.find(pool, options), plan, options);
}

/** What a snapshot put over the disks; none for one that is inside them. */
export async function overlaysOf(
  { daemon }: LibvirtSession,
  domain: Domain,
  id: SnapshotId,
  options: CallOptions,
): Promise<readonly Required<Overlay>[]> {
  const about = { what: `Snapshot ${id} of machine ${domain.uuid}`, subject: id, reads: true };
  return readOverlays(
    await daemon.call(about, options, (connection, call) =>
      domainSnapshotGetXmlDesc(connection, { name: id, domain }, 0, call),
    ),
  );
}

/** Empties what was written since; the machine does not run. A repeat finishes what was interrupted. */
export async function emptyOverlays(
  session: LibvirtSession,
  overlays: readonly Required<Overlay>[],
  options: CallOptions,
): Promise<void> {
  for (const { path, base } of overlays) {
    const id = await session.pools.locate(path, options);
    const under = await session.pools.locate(base, options);
    await unmake(session, id)(options);
    await makeOverlay(session, id, await session.files.read(under, options), options);
  }
}

/**
 * Merges what was written after a snapshot into what was there before.
 * QUIRK(libvirt 9.0): of a machine that does not run it finds no base in a chain that has one; so that runs meanwhile, without
 * its processors.
 */
export async function mergeOverlays(
  session: LibvirtSession,
  view: DomainView,
  snapshot: DomainSnapshot,
  overlays: readonly Overlay[],
  options: CallOptions,
): Promise<void> {
  const { daemon } = session;
  const { domain } = view;
  const about = { ...aboutMachine(domain.uuid), ...WORKING };
  const starts = !isActive(view);
  if (starts)
    await daemon.call(about, options, (connection, call) =>
      domainCreateWithFlags(connection, domain, DomainCreateFlags.StartPaused, call),
    );
  try {
    await daemon.call(about, options, (connection, call) => domainSnapshotDelete(connection, snapshot, 0, call));
  } finally {
    if (starts) await daemon.call(about, {}, (connection, call) => domainDestroy(connection, domain, call));
  }
  const pools = await Promise.all(overlays.map(async ({ path }) => (await session.pools.locate(path, options)).pool));
  for (const pool of new Set(pools)) await refreshPool(session, pool, options);
}

/** True for a machine with a disk that can hold no snapshot itself. */
export const needsOverlays = ({ document }: DomainView): boolean =>
  diskElements(document).some(
    (disk) =>
      attribute(disk, 'device') === 'disk' && !child(disk, 'readonly') && attribute(disk, 'type', 'driver') !== 'qcow2',
  );
