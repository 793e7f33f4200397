import { DriverError, machineId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { undefinedOn, withUndo } from '@virt-drivers/core/kit';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { randomUUID } from 'node:crypto';
import { fileName, type Datastore } from '../inventory.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import { carrierConfig, placeCarrier } from './carrier.js';
import { diskManager, type NewDisk } from './making.js';
import { aboutVolume } from './volume-file.js';

const unlessGone = undefinedOn('MACHINE.NOT_FOUND', 'VOLUME.NOT_FOUND');

const HOURS = { minutes: 600 };

/**
 * Brings a disk onto a datastore that keeps disks as objects, where no file can be written: a lease imports it into a
 * machine that exists only meanwhile, and the disk is moved from there. `raw` are its bytes as a guest reads them.
 */
export async function importByLease(
  session: VmwareSession,
  { id, store, profiles }: NewDisk,
  raw: AsyncIterable<Uint8Array>,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const uuid = randomUUID();
  const about = { ...aboutVolume(id), within: HOURS };
  await withUndo(async (undo) => {
    undo.push(`machine ${uuid}`, (own) => removeCarrier(session, uuid, own));
    await fillCarrier(session, { uuid, store, raw, sizeBytes, about, profiles }, options);
    const view = await session.machines.view(machineId(uuid), options);
    const disk = view.devices.find(({ $type }) => $type === 'VirtualDisk');
    const backing = disk?.backing;
    if (!disk || !backing || !('fileName' in backing))
      throw new DriverError('HOST.FAILED', `Volume ${id.key} was imported, and the server shows no disk of it.`);
    // Taken from the machine without its file, which would go with the machine.
    undo.push(`file ${backing.fileName}`, (own) => removeDisk(session, store, id, backing.fileName, own));
    await reconfigure(session, view, { deviceChange: [{ operation: 'remove', device: disk }] }, options);
    await moveDisk(session, store, id, backing.fileName, options);
    await destroyCarrier(session, view, options);
  });
}

/** What is imported, and how. */
interface Cargo {
  readonly uuid: string;
  readonly store: Datastore;
  readonly raw: AsyncIterable<Uint8Array>;
  readonly sizeBytes: bigint;
  readonly profiles: NewDisk['profiles'];
  readonly about: Parameters<VmwareSession['center']['call']>[0];
}

async function fillCarrier(session: VmwareSession, cargo: Cargo, options: CallOptions): Promise<void> {
  const { uuid, store, sizeBytes, about } = cargo;
  const { folder, pool, host } = await placeCarrier(session, store, options);
  const profiles = cargo.profiles ?? (await session.policy.profiles(options));
  const configSpec = carrierConfig({ work: 'import', uuid, store, sizeBytes, profiles });
  const request = { spec: { $type: 'VirtualMachineImportSpec', configSpec } as const, folder, ...(host && { host }) };
  const lease = await session.center.call(about, options, (vsphere, call) =>
    vsphere.invoke(pool, 'ImportVApp', request, call),
  );
  // Given up in the middle by the caller's signal, unlike short changes.
  const { signal } = options;
  await session.center.call(about, options, (vsphere, call) =>
    vsphere.leases.use(
      lease,
      async (open) => {
        const device = open.deviceUrls.find(({ disk }) => disk === true);
        if (!device) throw new DriverError('HOST.FAILED', `${about.what}: the server asks for no disk.`);
        const source = writeStreamOptimised(cargo.raw, { sizeBytes });
        await open.upload(device, source, { ...call, ...(signal && { signal }) });
      },
      call,
    ),
  );
}

async function moveDisk(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  sourceName: string,
  options: CallOptions,
): Promise<void> {
  const datacenter = store.datacenter.ref;
  const request = {
    sourceName,
    sourceDatacenter: datacenter,
    destName: fileName(store, id.key),
    destDatacenter: datacenter,
    force: false,
  };
  await session.runTask({ ...aboutVolume(id), within: HOURS }, options, (vsphere, call) =>
    vsphere.invoke(diskManager(session, id), 'MoveVirtualDisk_Task', request, call),
  );
}

const removeDisk = async (
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  name: string,
  options: CallOptions,
): Promise<void> => {
  await session
    .runTask(aboutVolume(id), options, (vsphere, call) =>
      vsphere.invoke(
        diskManager(session, id),
        'DeleteVirtualDisk_Task',
        { name, datacenter: store.datacenter.ref },
        call,
      ),
    )
    .catch(unlessGone);
};

async function removeCarrier(session: VmwareSession, uuid: string, options: CallOptions): Promise<void> {
  const view = await session.machines.view(machineId(uuid), options).catch(unlessGone);
  if (view) await destroyCarrier(session, view, options).catch(unlessGone);
}

const destroyCarrier = async (session: VmwareSession, { ref, machine }: MachineView, options: CallOptions) => {
  await session.runTask(aboutMachine(machine.id), options, (vsphere, call) =>
    vsphere.invoke(ref, 'Destroy_Task', {}, call),
  );
};
