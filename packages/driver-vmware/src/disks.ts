import {
  DriverError,
  sameVolume,
  type CallOptions,
  type Disk,
  type DiskId,
  type DiskLimits,
  type DiskSpec,
  type FacetAs,
  type MachineId,
  type VolumeId,
} from '@virt-drivers/core';
import { afterChange } from '@virt-drivers/core/kit';
import type { VirtualMachineConfigSpec } from '@virt-drivers/vsphere';
import type { capabilities } from './capabilities.js';
import { toOptionValues } from './convert/extra-config.js';
import {
  allocationFor,
  capKey,
  capText,
  diskIdOf,
  isDiskDevice,
  mediumOf,
  type DiskDevice,
} from './convert/disk-device.js';
import { detachDisk } from './detaching.js';
import { isEqual, planDisks, refuseAbsent, refuseRunning } from './disk-planning.js';
import { fileName } from './inventory.js';
import type { MachineView } from './machine-views.js';
import { reconfigureAsSeen } from './reconfigure.js';
import type { VmwareSession } from './session.js';
import { readVolumeFile } from './storage/volume-file.js';

/** Disks of virtual machines. */
export function createDisks(session: VmwareSession): FacetAs<'disks', typeof capabilities.disks> {
  const { machines, locks } = session;

  const edit = (
    id: MachineId,
    disk: DiskId,
    options: CallOptions,
    change: (device: DiskDevice, view: MachineView) => Promise<VirtualMachineConfigSpec | undefined>,
  ): Promise<Disk> =>
    locks.run(id, options, async () => {
      const view = await machines.view(id, options);
      const device = view.devices.filter(isDiskDevice).find((one) => diskIdOf(one) === disk);
      if (!device) throw diskNotFound(id, disk);
      const spec = await change(device, view);
      if (spec) await reconfigureAsSeen(session, view, spec, options);
      return afterChange(diskAfter(session, id, disk, options));
    });

  return {
    attach(id, spec, options = {}) {
      return locks.run(id, options, () =>
        withVolume(session, spec, options, async () => {
          const view = await machines.view(id, options);
          const there = sameThere(view.machine.disks, spec);
          if (there) return there;
          const plan = await planDisks(session, { machine: id, devices: view.devices }, [spec], options);
          refuseRunning(view, spec);
          const before = new Set(view.machine.disks.map((disk) => disk.id));
          await reconfigureAsSeen(session, view, { deviceChange: plan.changes, ...settingsOf(plan.settings) }, options);
          return afterChange(newDisk(session, id, before, options));
        }),
      );
    },
    detach: (id, disk, options = {}) => locks.run(id, options, () => detachDisk(session, id, disk, options)),
    changeMedium: (id, disk, volume, options = {}) =>
      edit(id, disk, options, async (device) => {
        if (device.$type !== 'VirtualCdrom')
          throw new DriverError('DISK.CONFLICT', `Disk ${disk} of machine ${id} is no media drive.`, { subject: disk });
        const file = volume && (await mediumFile(session, volume, options));
        const medium = mediumOf(file ?? undefined);
        return { deviceChange: [{ operation: 'edit', device: { ...device, ...medium } }] };
      }),
    setLimits: (id, disk, limits, options = {}) =>
      edit(id, disk, options, async (device, view) => limitsConfig(device, view, limits)),
  };
}

const settingsOf = (settings: ReadonlyMap<string, string>): VirtualMachineConfigSpec =>
  settings.size === 0 ? {} : { extraConfig: toOptionValues(settings) };

/** One attachment at a time for each volume, so that two machines cannot get it at once. */
const withVolume = <T>(
  { locks }: VmwareSession,
  { volume }: DiskSpec,
  options: CallOptions,
  run: () => Promise<T>,
): Promise<T> => (volume ? locks.run(`${volume.pool}/${volume.key}`, options, run) : run());

function sameThere(disks: readonly Disk[], spec: DiskSpec): Disk | undefined {
  const { volume } = spec;
  refuseAbsent(spec);
  const there = volume && disks.find((disk) => disk.volume && sameVolume(disk.volume, volume));
  if (!there || isEqual(there, spec)) return there;
  throw new DriverError(
    'DISK.CONFLICT',
    `Volume ${volume.key} is attached already, as disk ${there.id}, in another way.`,
    {
      subject: there.id,
    },
  );
}

async function newDisk(
  { machines }: VmwareSession,
  id: MachineId,
  before: ReadonlySet<DiskId>,
  options: CallOptions,
): Promise<Disk> {
  const { machine } = await machines.view(id, options);
  const made = machine.disks.find((disk) => !before.has(disk.id));
  if (made) return made;
  throw new DriverError('HOST.FAILED', `Machine ${id} did not get the disk, and the server gave no reason.`, {
    subject: id,
  });
}

async function diskAfter(
  { machines }: VmwareSession,
  id: MachineId,
  disk: DiskId,
  options: CallOptions,
): Promise<Disk> {
  const found = (await machines.view(id, options)).machine.disks.find((one) => one.id === disk);
  if (found) return found;
  throw diskNotFound(id, disk);
}

async function mediumFile(session: VmwareSession, volume: VolumeId, options: CallOptions) {
  const { format, store } = await readVolumeFile(session, volume, options);
  if (format === 'iso') return { fileName: fileName(store, volume.key), datastore: store.ref };
  throw new DriverError('DISK.CONFLICT', `Volume ${volume.key} is ${format}; a media drive needs iso.`, {
    subject: volume.key,
  });
}

function limitsConfig(device: DiskDevice, view: MachineView, limits: DiskLimits): VirtualMachineConfigSpec {
  const cap = capKey(view.devices, device);
  if (device.$type === 'VirtualCdrom' || cap === undefined)
    throw new DriverError('DISK.CONFLICT', `Disk ${diskIdOf(device)} is a media drive, which has no limits.`);
  const edited = { ...device, storageIOAllocation: allocationFor(limits) };
  const text = capText(limits);
  const needed = text !== '' || view.settings.has(cap);
  return {
    deviceChange: [{ operation: 'edit', device: edited }],
    ...(needed && settingsOf(new Map([[cap, text]]))),
  };
}

const diskNotFound = (machine: string, disk: string): DriverError =>
  new DriverError('DISK.NOT_FOUND', `Machine ${machine} has no disk ${disk}.`, { subject: disk });
