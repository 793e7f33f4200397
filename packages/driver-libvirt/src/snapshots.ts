import {
  DriverError,
  isDriverError,
  snapshotId,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type Snapshot,
  type SnapshotId,
  type SnapshotSpec,
} from '@virt-drivers/core';
import { afterChange, retryWhile, undefinedOn } from '@virt-drivers/core/kit';
import {
  DomainSnapshotListFlags,
  DomainSnapshotRevertFlags,
  domainDestroy,
  domainFsfreeze,
  domainFsthaw,
  domainListAllSnapshots,
  domainRevertToSnapshot,
  domainSnapshotCreateXml,
  domainSnapshotCurrent,
  domainSnapshotDelete,
  domainSnapshotGetXmlDesc,
  isLibvirtError,
  type DomainSnapshot,
} from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import type { capabilities } from './capabilities.js';
import type { CallKind } from './connection.js';
import { readSnapshot, snapshotXml, type NativeSnapshot } from './convert/snapshot-xml.js';
import { aboutMachine, domainOf, isActive, type DomainView } from './domains.js';
import { listingOf } from './listing.js';
import { keepingTexts } from './machines/texts.js';
import type { LibvirtSession } from './session.js';
import {
  emptyOverlays,
  mergeOverlays,
  needsOverlays,
  ONLY_QCOW2,
  overlaysOf,
  takeOverlays,
} from './snapshot-overlays.js';

const unlessGone = undefinedOn('SNAPSHOT.NOT_FOUND');

const WORKING = { long: true, within: { minutes: 10 } } as const;

/** Snapshots of libvirt domains: inside qcow2 disks, and of machines with other disks as files over them. */
export function createSnapshots(session: LibvirtSession): FacetAs<'snapshots', typeof capabilities.snapshots> {
  const { daemon, domains, locks } = session;
  const aboutSnapshot = (machine: string, id: string): CallKind => ({
    what: `Snapshot ${id} of machine ${machine}`,
    subject: id,
  });
  const native = (machine: MachineId, id: SnapshotId): DomainSnapshot => ({ name: id, domain: domainOf(machine) });

  const currentOf = (machine: MachineId, options: CallOptions): Promise<string | undefined> =>
    daemon.call({ ...aboutMachine(machine), reads: true }, options, async (connection, call) => {
      try {
        return (await domainSnapshotCurrent(connection, domainOf(machine), 0, call)).name;
      } catch (error) {
        if (isLibvirtError(error) && error.code === 'NO_DOMAIN_SNAPSHOT') return undefined;
        throw error;
      }
    });

  const readNative = async (
    machine: MachineId,
    id: SnapshotId,
    current: string | undefined,
    options: CallOptions,
  ): Promise<NativeSnapshot> => {
    const xml = await daemon.call({ ...aboutSnapshot(machine, id), reads: true }, options, (connection, call) =>
      domainSnapshotGetXmlDesc(connection, native(machine, id), 0, call),
    );
    return readSnapshot(xml, current === id);
  };

  const read = async (...asked: Parameters<typeof readNative>): Promise<Snapshot> =>
    (await readNative(...asked)).snapshot;

  const take = async (view: DomainView, spec: SnapshotSpec, over: boolean, options: CallOptions): Promise<string> => {
    const name = `vds-${randomUUID()}`;
    if (over) {
      await takeOverlays(session, view, name, spec, options);
      return name;
    }
    const memory = view.machine.state === 'running' || view.machine.state === 'paused';
    const xml = snapshotXml(name, { ...spec, memory: memory && spec.memory === true }, memory);
    await daemon.call({ ...aboutMachine(view.machine.id), ...WORKING }, options, (connection, call) =>
      domainSnapshotCreateXml(connection, view.domain, xml, 0, call),
    );
    return name;
  };

  const isOver = async ({ domain }: DomainView, id: string, options: CallOptions): Promise<boolean> =>
    (await overlaysOf(session, domain, snapshotId(id), options)).length > 0;

  /** Going back past a later snapshot would leave that without its base. */
  const revertOver = async (
    view: DomainView,
    id: SnapshotId,
    overlays: Awaited<ReturnType<typeof overlaysOf>>,
    options: CallOptions,
  ): Promise<void> => {
    const { id: machine } = view.machine;
    const current = await currentOf(machine, options);
    if (current !== id) {
      const message = `Snapshot ${id} of machine ${machine} has later ones over it; delete those first, the last one first.`;
      throw new DriverError('SNAPSHOT.BLOCKS', message, { subject: id, ...(current && { heldBy: current }) });
    }
    if (isActive(view)) await cutPower(session, machine, options);
    await afterChange(emptyOverlays(session, overlays, options));
  };

  return {
    create: (machine, spec, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await domains.view(machine, options);
        refuseState(view, spec);
        const current = await currentOf(machine, options);
        const over = needsOverlays(view) || (current !== undefined && (await isOver(view, current, options)));
        if (over && spec.memory) throw noMemory(machine);
        const name = spec.quiesce
          ? await quiesced(session, view, () => take(view, spec, over, options), options)
          : await take(view, spec, over, options);
        return afterChange(read(machine, snapshotId(name), name, options));
      }),
    list: (machine, options = {}) =>
      listingOf(async function* () {
        const [all, current] = await Promise.all([
          daemon.call({ ...aboutMachine(machine), reads: true }, options, (connection, call) =>
            domainListAllSnapshots(connection, domainOf(machine), DomainSnapshotListFlags.Topological, call),
          ),
          currentOf(machine, options),
        ]);
        for (const { name } of all) yield await read(machine, snapshotId(name), current, options).catch(unlessGone);
      }),
    async get(machine, id, options = {}) {
      return read(machine, id, await currentOf(machine, options), options);
    },
    revert: (machine, id, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await domains.view(machine, options);
        const { snapshot, quiesced: atRest } = await readNative(machine, id, undefined, options);
        const { memory } = snapshot;
        const overlays = await overlaysOf(session, view.domain, id, options);
        if (overlays.length > 0) return revertOver(view, id, overlays, options);
        const flags = memory ? 0 : DomainSnapshotRevertFlags.Paused;
        const reverting = (how: number): Promise<void> =>
          daemon.call({ ...aboutSnapshot(machine, id), ...WORKING }, options, (connection, call) =>
            domainRevertToSnapshot(connection, native(machine, id), how, call),
          );
        await keepingTexts(session, view, options, () => reverting(flags));
        if (!memory) await afterChange(cutPower(session, machine, options));
        else if (atRest) await afterChange(thaw(session, machine, options));
      }),
    delete: (machine, id, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await domains.view(machine, options);
        const overlays = await overlaysOf(session, view.domain, id, options).catch(unlessGone);
        if (overlays && overlays.length > 0)
          return mergeOverlays(session, view, native(machine, id), overlays, options);
        await daemon
          .call({ ...aboutSnapshot(machine, id), ...WORKING }, options, (connection, call) =>
            domainSnapshotDelete(connection, native(machine, id), 0, call),
          )
          .catch(unlessGone);
      }),
  };
}

function refuseState({ machine: { id, state } }: DomainView, { quiesce }: SnapshotSpec): void {
  if (state === 'saved' || (quiesce === true && state !== 'running')) {
    throw new DriverError(
      'MACHINE.WRONG_STATE',
      `Machine ${id} is ${state}; ${quiesce ? 'only the guest of a running machine can be quiesced' : 'restore it, or discard its memory, first'}.`,
      {
        subject: id,
      },
    );
  }
}

const noMemory = (machine: string): DriverError =>
  new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Machine ${machine} has disks that keep no memory with a snapshot. ${ONLY_QCOW2.reason}`,
    { subject: machine, condition: ONLY_QCOW2 },
  );

/** The guest's file systems rest meanwhile, and go on whatever happens. */
async function quiesced<T>(
  { daemon }: LibvirtSession,
  { domain }: DomainView,
  run: () => Promise<T>,
  options: CallOptions,
): Promise<T> {
  const about = { ...aboutMachine(domain.uuid), long: true };
  await daemon.call(about, options, (connection, call) => domainFsfreeze(connection, domain, [], 0, call));
  try {
    return await run();
  } finally {
    await daemon
      .call(about, {}, (connection, call) => domainFsthaw(connection, domain, [], 0, call))
      .catch(() => undefined);
  }
}

/** In the memory that was kept the guest's file systems still rest. Its agent takes a moment to be there again. */
async function thaw({ daemon }: LibvirtSession, id: MachineId, options: CallOptions): Promise<void> {
  await retryWhile(
    options,
    (bounded) =>
      daemon.call({ ...aboutMachine(id), long: true }, bounded, (connection, call) =>
        domainFsthaw(connection, domainOf(id), [], 0, call),
      ),
    { when: (error) => isDriverError(error, 'GUEST.UNAVAILABLE') },
  );
}

/** The memory that libvirt kept in any case was not asked for. */
async function cutPower({ daemon }: LibvirtSession, id: MachineId, options: CallOptions): Promise<void> {
  try {
    await daemon.call({ ...aboutMachine(id), long: true }, options, (connection, call) =>
      domainDestroy(connection, domainOf(id), call),
    );
  } catch (error) {
    // A snapshot of a stopped machine reverts to a stopped one.
    if (!isDriverError(error, 'MACHINE.WRONG_STATE')) throw error;
  }
}
