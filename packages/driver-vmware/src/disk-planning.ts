import {
  DriverError,
  type CallOptions,
  type Disk,
  type DiskBus,
  type DiskSpec,
  type MachineId,
} from '@virt-drivers/core';
import { refuseForeignUse } from '@virt-drivers/core/kit';
import type { AnyVirtualDevice, VirtualDeviceConfigSpec } from '@virt-drivers/vsphere';
import { readAttachments } from './attachments.js';
import { createSlotAllocator, type ScsiAdapter, type Slot, type SlotAllocator } from './convert/controllers.js';
import { capKey, capText, newDiskDevice, type DiskDevice, type DiskPlan } from './convert/disk-device.js';
import { fileName } from './inventory.js';
import type { MachineView } from './machine-views.js';
import type { VmwareSession } from './session.js';
import { refuseContinued } from './storage/links.js';
import { readVolumeFile } from './storage/volume-file.js';
import { profilesFor } from './storage/volume-policy.js';

/** The devices and settings that disks are made of. */
export interface PlannedDisks {
  readonly changes: readonly VirtualDeviceConfigSpec[];
  readonly settings: ReadonlyMap<string, string>;
  readonly plans: readonly DiskPlan[];
}

/** Bus of a disk. Drives hang on SATA: a SCSI bus of the guest may find no driver for them. */
export const busOf = ({ bus, device }: Pick<DiskSpec, 'bus' | 'device'>): DiskBus =>
  bus ?? (device === 'media' ? 'sata' : 'paravirtual');

/**
 * Plans disks beside the devices that a machine has; `machine` is undefined for one that is to be made. Asks, but
 * changes nothing. Errors: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `DISK.LIMIT_REACHED`, `DISK.CONFLICT`, `CAPABILITY.ABSENT`.
 */
export async function planDisks(
  session: VmwareSession,
  about: {
    readonly machine?: MachineId;
    readonly devices: readonly AnyVirtualDevice[];
    readonly adapter?: ScsiAdapter;
  },
  specs: readonly DiskSpec[],
  options: CallOptions,
): Promise<PlannedDisks> {
  const allocator = createSlotAllocator(about.devices);
  const plans: DiskPlan[] = [];
  refuseTwice(specs);
  for (const spec of specs) {
    refuseAbsent(spec);
    const slot = allocator.next(busOf(spec), about.adapter);
    if (!slot) throw limitReached(about.machine, busOf(spec));
    plans.push(await planOne(session, spec, slot, about.machine, options));
  }
  return toChanges(about.devices, allocator, plans);
}

/** Plans one disk whose file or unit is known already. Errors: `DISK.LIMIT_REACHED`. */
export function planKnown(
  machine: MachineId,
  present: readonly AnyVirtualDevice[],
  spec: DiskSpec,
  known: Pick<DiskPlan, 'file' | 'raw' | 'sizeBytes'>,
): PlannedDisks {
  const allocator = createSlotAllocator(present);
  const slot = allocator.next(busOf(spec));
  if (!slot) throw limitReached(machine, busOf(spec));
  return toChanges(present, allocator, [{ ...wayOf(spec, slot), ...known }]);
}

function toChanges(
  present: readonly AnyVirtualDevice[],
  allocator: SlotAllocator,
  plans: readonly DiskPlan[],
): PlannedDisks {
  const devices = plans.map(newDiskDevice);
  const controllers = allocator.added();
  const all = [...present, ...controllers.map(({ device }) => device)];
  const added = devices.map((device, index) => ({
    operation: 'add' as const,
    // The mapping of a unit is made with its disk; other disks are there already.
    ...(plans[index]?.raw && { fileOperation: 'create' as const }),
    ...profileOf(plans[index]),
    device,
  }));
  return { plans, changes: [...controllers, ...added], settings: capSettings(all, devices, plans) };
}

function profileOf(plan: DiskPlan | undefined): Pick<VirtualDeviceConfigSpec, 'profile'> {
  const { profiles = [] } = plan ?? {};
  return profiles.length > 0 ? { profile: profiles } : {};
}

function wayOf({ device = 'disk', readOnly = false, shared = false, limits, bus }: DiskSpec, slot: Slot): DiskPlan {
  return {
    slot,
    device,
    bus: busOf({ device, ...(bus && { bus }) }),
    readOnly: device === 'media' || readOnly,
    shared,
    ...(limits && { limits }),
  };
}

async function planOne(
  session: VmwareSession,
  spec: DiskSpec,
  slot: Slot,
  machine: MachineId | undefined,
  options: CallOptions,
): Promise<DiskPlan> {
  const plan = wayOf(spec, slot);
  const { device, readOnly, shared } = plan;
  const { volume } = spec;
  if (!volume) return plan;
  const file = await readVolumeFile(session, volume, options);
  refuseWrongKind(volume.key, file.format, device);
  const others = (await readAttachments(session, [volume.pool], options)).of(volume);
  if (device === 'disk') {
    refuseForeignUse(
      { what: `Volume ${volume.key} in pool ${volume.pool}`, subject: volume.key },
      others.filter((other) => other.machine !== machine),
      { readOnly, shared },
    );
    if (!readOnly) await refuseContinued(session, file.store, volume, options);
  }
  const { store, sizeBytes } = file;
  const profiles = device === 'disk' ? await profilesFor(session, store, volume, options) : [];
  return { ...plan, profiles, file: { fileName: fileName(store, volume.key), datastore: store.ref }, sizeBytes };
}

function refuseWrongKind(key: string, format: string, device: 'disk' | 'media'): void {
  const wanted = device === 'media' ? 'iso' : 'vmdk';
  if (format === wanted) return;
  throw new DriverError('DISK.CONFLICT', `Volume ${key} is ${format}, and a ${device} needs ${wanted}.`, {
    subject: key,
  });
}

/** What is not claimed is refused rather than left out. */
export function refuseAbsent({ serial }: DiskSpec): void {
  if (serial === undefined) return;
  throw new DriverError(
    'CAPABILITY.ABSENT',
    'Disks of vSphere have a serial of the server’s making (disk.EnableUUID shows it); one cannot be chosen. Leave serial out.',
  );
}

function refuseTwice(specs: readonly DiskSpec[]): void {
  const seen = new Set<string>();
  for (const { volume, device } of specs) {
    if (!volume || device === 'media') continue;
    const name = `${volume.pool}\n${volume.key}`;
    if (seen.has(name))
      throw new DriverError('DISK.CONFLICT', `Volume ${volume.key} is named by two disks.`, { subject: volume.key });
    seen.add(name);
  }
}

const limitReached = (machine: MachineId | undefined, bus: DiskBus): DriverError =>
  new DriverError('DISK.LIMIT_REACHED', `Machine ${machine ?? 'to be made'} has no place left on bus ${bus}.`, {
    ...(machine !== undefined && { subject: machine }),
  });

/** Caps of bandwidth, which are settings of the machine. */
function capSettings(
  all: readonly AnyVirtualDevice[],
  devices: readonly DiskDevice[],
  plans: readonly DiskPlan[],
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [index, device] of devices.entries()) {
    const { limits } = plans[index] ?? {};
    const key = limits?.throughput === undefined ? undefined : capKey(all, device);
    if (key !== undefined && limits) settings.set(key, capText(limits));
  }
  return settings;
}

/** True when the disk is as the spec asks for. */
export const isEqual = (disk: Disk, spec: DiskSpec): boolean =>
  disk.device === (spec.device ?? 'disk') &&
  disk.readOnly === (spec.device === 'media' || (spec.readOnly ?? false)) &&
  disk.shared === (spec.shared ?? false) &&
  (spec.bus === undefined || disk.bus === spec.bus);

/** Refuses what a machine takes only when it is stopped. */
export function refuseRunning({ machine }: MachineView, { bus, device, readOnly }: DiskSpec): void {
  if (machine.state === 'stopped') return;
  if (machine.state === 'saved')
    throw new DriverError(
      'MACHINE.WRONG_STATE',
      `Machine ${machine.id} is saved; start it or discard its memory first.`,
      {
        subject: machine.id,
      },
    );
  if (bus !== 'ide' && (device === 'media' || !readOnly)) return;
  const reason =
    bus === 'ide'
      ? 'IDE takes no disk while the machine runs.'
      : 'Disks that give up writes are attached to stopped machines only.';
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `Machine ${machine.id} runs. ${reason}`, {
    subject: machine.id,
    condition: { needs: 'machine-stopped', reason },
  });
}
