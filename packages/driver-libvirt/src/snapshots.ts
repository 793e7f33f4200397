import {
  DriverError,
  isDriverError,
  snapshotId,
  type CallOptions,
  type Condition,
  type MachineId,
  type Snapshot,
  type SnapshotId,
  type Snapshots,
  type SnapshotSpec,
} from '@virt-drivers/core';
import { retryWhile } from '@virt-drivers/core/kit';
import {
  DomainMetadataType,
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
import { afterChange } from './after-change.js';
import type { CallKind } from './connection.js';
import { diskElements } from './convert/machine-xml.js';
import { recordXml } from './convert/metadata.js';
import { readSnapshot, snapshotXml, type NativeSnapshot } from './convert/snapshot-xml.js';
import { attribute, child, type Element } from './convert/xml.js';
import { aboutMachine, domainOf, type DomainView } from './domains.js';
import { listingOf } from './listing.js';
import { readMachineRecord, setMetadata } from './machines/record.js';
import type { LibvirtSession } from './session.js';

/** Why machines with other disks have no snapshots. */
export const ONLY_QCOW2: Condition = {
  needs: 'volume-format',
  value: 'qcow2',
  reason: 'Snapshots live inside qcow2 volumes; libvirt before 9.9 cannot revert to those that live outside.',
};

const WORKING = { long: true, within: { minutes: 10 } } as const;

/** Internal snapshots of libvirt domains. */
export function createSnapshots(session: LibvirtSession): Required<Snapshots> {
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

  const take = async (view: DomainView, spec: SnapshotSpec, options: CallOptions): Promise<string> => {
    const memory = view.machine.state === 'running' || view.machine.state === 'paused';
    const name = `vds-${randomUUID()}`;
    const xml = snapshotXml(name, { ...spec, memory: memory && spec.memory === true }, memory);
    await daemon.call({ ...aboutMachine(view.machine.id), ...WORKING }, options, (connection, call) =>
      domainSnapshotCreateXml(connection, view.domain, xml, 0, call),
    );
    return name;
  };

  return {
    create: (machine, spec, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await domains.view(machine, options);
        refuseState(view, spec);
        refuseOtherFormats(view.document, machine);
        const name = spec.quiesce
          ? await quiesced(session, view, () => take(view, spec, options), options)
          : await take(view, spec, options);
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
        const record = await readMachineRecord(daemon, view.domain, options);
        const flags = memory ? 0 : DomainSnapshotRevertFlags.Paused;
        const reverting = (how: number): Promise<void> =>
          daemon.call({ ...aboutSnapshot(machine, id), ...WORKING }, options, (connection, call) =>
            domainRevertToSnapshot(connection, native(machine, id), how, call),
          );
        await reverting(flags);
        await afterChange(restoreTexts(session, view, record, options));
        if (!memory) await afterChange(cutPower(session, machine, options));
        else if (atRest) await afterChange(thaw(session, machine, options));
      }),
    delete: (machine, id, options = {}) =>
      locks.run(machine, options, async () => {
        await domains.state(machine, options);
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

function refuseOtherFormats(document: Element, machine: string): void {
  const other = diskElements(document).find(
    (disk) =>
      attribute(disk, 'device') === 'disk' && !child(disk, 'readonly') && attribute(disk, 'type', 'driver') !== 'qcow2',
  );
  if (!other) return;
  const message = `Machine ${machine} has disk ${attribute(other, 'dev', 'target')} that is not qcow2. ${ONLY_QCOW2.reason}`;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', message, { subject: machine, condition: ONLY_QCOW2 });
}

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

/** A revert brings back the document of that time; name, description and record stay as they are now. */
async function restoreTexts(
  { daemon }: LibvirtSession,
  { domain, machine }: DomainView,
  record: Awaited<ReturnType<typeof readMachineRecord>>,
  options: CallOptions,
): Promise<void> {
  await setMetadata(daemon, domain, DomainMetadataType.Title, machine.name, options);
  await setMetadata(daemon, domain, DomainMetadataType.Description, machine.description, options);
  const xml = record && recordXml(record, record.revision);
  await setMetadata(daemon, domain, DomainMetadataType.Element, xml, options);
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

function unlessGone(error: unknown): undefined {
  if (isDriverError(error, 'SNAPSHOT.NOT_FOUND')) return undefined;
  throw error;
}
