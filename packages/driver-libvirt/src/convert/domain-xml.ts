import type { MachineSpec } from '@virt-drivers/core';
import { cputuneTree, memoryTrees, topologyTree, vcpuTree } from './cpu-memory-xml.js';
import { diskTree, type DiskPlan } from './disk-xml.js';
import { graphicsTrees, type GraphicsChoice, type ScreenPassword } from './graphics-xml.js';
import { noteTree, recordTree, type MachineNote } from './metadata.js';
import { nicTree, type NicPlan } from './nic-xml.js';
import { toXml, tree, type Tree } from './xml.js';

/** Everything that is in a new domain's document, decided. */
export interface DomainPlan {
  readonly uuid: string;
  /** Never shown, never a person's text. */
  readonly nativeName: string;
  readonly type: 'kvm' | 'qemu' | 'test';
  readonly architecture: string;
  readonly machineType?: string;
  readonly cpuMode?: string;
  readonly graphics: GraphicsChoice;
  readonly screenPassword?: ScreenPassword;
  readonly spec: Pick<MachineSpec, 'name' | 'description' | 'cpu' | 'memory' | 'boot' | 'record' | 'serialPort'>;
  readonly recordRevision: string;
  readonly note: MachineNote;
  readonly disks: readonly DiskPlan[];
  readonly nics: readonly NicPlan[];
  /** File of the host that the serial port's output is kept in. */
  readonly consoleLog?: string;
}

/** Slots for devices that are attached while the machine runs; the guest sees each as an empty port. */
export const SPARE_SLOTS = 8;

/** The document that makes the machine. */
export function domainXml(plan: DomainPlan): string {
  const { spec } = plan;
  return toXml(
    tree(
      'domain',
      { type: plan.type },
      tree('name', {}, plan.nativeName),
      tree('uuid', {}, plan.uuid),
      tree('title', {}, spec.name),
      spec.description ? tree('description', {}, spec.description) : undefined,
      tree('metadata', {}, noteTree(plan.note), spec.record && recordTree(spec.record, plan.recordRevision)),
      ...memoryTrees(spec.memory),
      vcpuTree(spec.cpu),
      cputuneTree(spec.cpu),
      osTree(plan),
      plan.type === 'test' ? undefined : tree('features', {}, tree('acpi'), isX86(plan) ? tree('apic') : undefined),
      cpuTree(plan),
      tree('clock', { offset: 'utc' }),
      tree('devices', {}, ...machineDevices(plan), ...plan.disks.map(diskTree), ...plan.nics.map(nicTree)),
    ),
  );
}

const isX86 = ({ architecture }: DomainPlan): boolean => ['x86_64', 'i686'].includes(architecture);

function osTree({ spec: { boot }, architecture, machineType }: DomainPlan): Tree {
  const secure = boot.secureBoot === true ? 'yes' : 'no';
  // QUIRK(libvirt 9.0): without this, automatic selection takes firmware that starts signed loaders only.
  const feature = (name: string): Tree => tree('feature', { name, enabled: secure });
  return tree(
    'os',
    { firmware: boot.firmware === 'uefi' ? 'efi' : undefined },
    tree('type', { arch: architecture, machine: machineType }, 'hvm'),
    boot.firmware === 'uefi' ? tree('firmware', {}, feature('secure-boot'), feature('enrolled-keys')) : undefined,
  );
}

function cpuTree({ spec, cpuMode }: DomainPlan): Tree | undefined {
  const topology = topologyTree(spec.cpu);
  return topology || cpuMode !== undefined ? tree('cpu', { mode: cpuMode }, topology) : undefined;
}

function machineDevices(plan: DomainPlan): (Tree | undefined)[] {
  const scsi = tree('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' });
  if (plan.type === 'test') return [scsi];
  return [
    ...slotTrees(plan),
    scsi,
    plan.spec.serialPort === false ? undefined : serialTree(plan.consoleLog),
    tree('channel', { type: 'unix' }, tree('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })),
    tree('rng', { model: 'virtio' }, tree('backend', { model: 'random' }, '/dev/urandom')),
    tree('memballoon', { model: 'virtio' }, tree('stats', { period: 10 })),
    ...graphicsTrees(plan),
  ];
}

/** PCI Express has no free slots by itself: each device takes a port, so what may be hot-added needs one now. */
function slotTrees({ machineType, disks, nics }: DomainPlan): Tree[] {
  if (!machineType?.includes('q35') && machineType !== 'virt') return [];
  const own = 6;
  const ports = own + disks.filter(({ bus }) => bus === 'paravirtual').length + nics.length + SPARE_SLOTS;
  // libvirt takes the first PCI controller of a list for the root, so that is in it too.
  const root = tree('controller', { type: 'pci', index: 0, model: 'pcie-root' });
  return [root, ...Array.from({ length: ports }, () => tree('controller', { type: 'pci', model: 'pcie-root-port' }))];
}

function serialTree(log: string | undefined): Tree {
  return tree('serial', { type: 'pty' }, log === undefined ? undefined : tree('log', { file: log, append: 'on' }));
}
