import { DriverError, type CallOptions, type PoolObject } from '@virt-drivers/core';
import type { VStorageObject } from '@virt-drivers/vsphere';
import { busOf, planKnown } from '../disk-planning.js';
import type { About } from '../errors.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import type { Datastore } from '../inventory.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import type { Door, RemoteSpec } from './door.js';

const identityOf = ({ pool, object }: PoolObject): string => `object ${pool} ${object}`;

/** First class disks: vCenter knows them by an id, whoever made them and wherever their files are moved. */
export function poolObjectDoor(session: VmwareSession): Door<PoolObject> {
  return {
    identity: identityOf,
    name: identityOf,
    async plan(connection, { spec, options }) {
      refuseWays(spec);
      await readObject(session, connection, options);
      return { hosts: [], made: [] };
    },
    async open(connection, _note, { options }) {
      const { store, found } = await readObject(session, connection, options);
      const { backing, capacityInMB } = found.config;
      return {
        backing: connection.object,
        // Whoever attached it as a plain file has it, too.
        names: 'filePath' in backing ? [backing.filePath] : [],
        sizeBytes: capacityInMB * MEBIBYTE,
        object: { id: connection.object, datastore: store.ref },
      };
    },
    close: async () => undefined,
  };
}

const MEBIBYTE = 1_048_576n;

const aboutObject = ({ pool, object }: PoolObject): About => ({
  what: `Disk object ${object} in pool ${pool}`,
  subject: object,
  notFound: 'VOLUME.NOT_FOUND',
  busy: 'VOLUME.IN_USE',
});

/** Errors: `POOL.NOT_FOUND`, `VOLUME.NOT_FOUND`. */
async function readObject(
  { center, inventory }: VmwareSession,
  connection: PoolObject,
  options: CallOptions,
): Promise<{ readonly store: Datastore; readonly found: VStorageObject }> {
  const store = await inventory.datastore(connection.pool, options);
  const about = { ...aboutObject(connection), reads: true, means: { InvalidArgument: NOT_THERE } } as const;
  const request = { id: { id: connection.object }, datastore: store.ref };
  const manager = center.content.vStorageObjectManager;
  if (!manager) throw absent(connection);
  const { value } = manager;
  const found = await center.call(about, options, (vsphere, call) =>
    manager.type === 'HostVStorageObjectManager'
      ? vsphere.invoke({ type: 'HostVStorageObjectManager', value }, 'HostRetrieveVStorageObject', request, call)
      : vsphere.invoke({ type: 'VcenterVStorageObjectManager', value }, 'RetrieveVStorageObject', request, call),
  );
  if (found) return { store, found };
  throw new DriverError('VOLUME.NOT_FOUND', `${about.what} is not there.`, { subject: connection.object });
}

const NOT_THERE = { code: 'VOLUME.NOT_FOUND', says: 'is not there' } as const;

const absent = ({ object }: PoolObject): DriverError =>
  new DriverError(
    'CAPABILITY.ABSENT',
    `Disk object ${object} cannot be attached: this endpoint knows no first class disks.`,
    {
      subject: object,
    },
  );

/** The server attaches such disks in its own way. */
function refuseWays({ device, readOnly, shared, limits }: RemoteSpec): void {
  if (device !== 'media' && !readOnly && !shared && !limits) return;
  const reason = 'First class disks are attached as disks that are written, by one machine; limits are set afterwards.';
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `The disk object cannot be attached like this. ${reason}`, {
    condition: { needs: 'volume-format', value: 'vmdk', reason },
  });
}

/** Attaches by the server's own catalogue, which then knows who has the disk. */
export async function attachObject(
  session: VmwareSession,
  view: MachineView,
  { id, datastore }: { readonly id: string; readonly datastore: Datastore['ref'] },
  spec: RemoteSpec,
  options: CallOptions,
): Promise<void> {
  const { machine, ref } = view;
  const place = await placeFor(session, view, spec, options);
  await session.runTask(
    { ...aboutMachine(machine.id), within: { minutes: 5 }, means: { InvalidArgument: NOT_THERE } },
    options,
    (vsphere, call) => vsphere.invoke(ref, 'AttachDisk_Task', { diskId: { id }, datastore, ...place }, call),
  );
}

/** A place on a controller that the machine has; a missing one is added first, for the call cannot. */
async function placeFor(
  session: VmwareSession,
  view: MachineView,
  spec: RemoteSpec,
  options: CallOptions,
): Promise<{ readonly controllerKey: number; readonly unitNumber: number }> {
  const { machine, devices } = view;
  const [first] = planKnown(machine.id, devices, spec, {}).changes;
  const isThere = first?.device.controllerKey !== undefined && first.device.controllerKey >= 0;
  if (first && !isThere && first.device.controllerKey === undefined)
    await reconfigure(session, view, { deviceChange: [first] }, options);
  const now = isThere ? devices : (await session.machines.view(machine.id, options)).devices;
  const [slot] = planKnown(machine.id, now, spec, {}).plans.map((plan) => plan.slot);
  if (slot) return slot;
  throw new DriverError('DISK.LIMIT_REACHED', `Machine ${machine.id} has no place left on bus ${busOf(spec)}.`);
}

/** Detaches it; what is not attached (any more) is no error. */
export async function detachObject(
  { runTask }: VmwareSession,
  { ref, machine }: MachineView,
  object: string,
  options: CallOptions,
): Promise<void> {
  await runTask({ ...aboutMachine(machine.id), within: { minutes: 5 } }, options, (vsphere, call) =>
    vsphere.invoke(ref, 'DetachDisk_Task', { diskId: { id: object } }, call),
  );
}
