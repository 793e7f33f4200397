import { DriverError, machineId, type CallOptions } from '@virt-drivers/core';
import { ImageError, openStreamOptimised } from '@virt-drivers/image-formats';
import type { Reference, Vsphere } from '@virt-drivers/vsphere';
import { randomUUID } from 'node:crypto';
import type { Bounded } from '../connection.js';
import { removeMachine } from '../machines/deletion.js';
import type { VmwareSession } from '../session.js';
import { carrierConfig, placeCarrier } from './carrier.js';
import { aboutVolume, type VolumeFile } from './volume-file.js';

/**
 * The bytes of a disk that is an object, as a guest reads them: a lease hands them out, over a machine that exists only
 * meanwhile and has the disk. Nobody else may have it: it is a copy.
 */
export async function* leasedBytes(
  session: VmwareSession,
  { id, store, sizeBytes }: VolumeFile,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const uuid = randomUUID();
  const about = { ...aboutVolume(id), within: { minutes: 600 } };
  const { folder, pool, host } = await placeCarrier(session, store, options);
  const config = carrierConfig({ work: 'export', uuid, store, path: id.key, sizeBytes, profiles: [] });
  try {
    await session.runTask(about, options, (vsphere, call) =>
      vsphere.invoke(folder, 'CreateVM_Task', { config, pool, ...(host && { host }) }, call),
    );
    const ref = await session.machines.ref(machineId(uuid), options);
    yield* session.center.stream(about, options, (vsphere, call) => handedOut(vsphere, ref, about.what, call));
  } finally {
    // Also when the reader leaves early or gave up: not under its signal. The disk is taken from it before it goes.
    await removeMachine(session, machineId(uuid), {}, undefined);
  }
}

async function* handedOut(
  vsphere: Vsphere,
  machine: Reference<'VirtualMachine'>,
  what: string,
  call: Bounded,
): AsyncGenerator<Uint8Array> {
  const lease = await vsphere.leases.open(await vsphere.invoke(machine, 'ExportVm', {}, call), call);
  try {
    const device = lease.deviceUrls.find(({ disk }) => disk === true);
    if (!device) throw new DriverError('HOST.FAILED', `${what}: the server hands out no disk.`);
    const disk = await openStreamOptimised(lease.download(device, call));
    yield* disk.raw();
    await lease.complete();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new DriverError('HOST.FAILED', `${what}: the server handed out no disk: ${error.message}`, { cause: error });
  } finally {
    // After its completion that does nothing.
    await lease.abort().catch(() => undefined);
  }
}
