import { bitsPerSecond, diskId, operationsPerSecond } from '@virt-drivers/core';
import type { Disk, DiskBus, DiskFormat, DiskId, DiskLimits, VolumeId } from '@virt-drivers/core';
import { PLOOP } from './ploop.js';
import { readLocation, sourceTree, storeType, type DiskStore } from './disk-source.js';
import { attribute, child, textAt, toXml, tree, type Element, type Tree } from './xml.js';

/** One volume of a copy-on-write chain. */
export interface Link {
  readonly path: string;
  readonly format: DiskFormat;
  readonly store: DiskStore;
}

/** A disk as the domain's document holds it. */
export interface NativeDisk {
  readonly id: DiskId;
  readonly device: 'disk' | 'media';
  readonly bus: DiskBus;
  /** libvirt's own name of the place, `vda`: what its calls take. The guest may call it something else. */
  readonly target: string;
  readonly path?: string;
  readonly readOnly: boolean;
  readonly serial?: string;
  readonly limits?: DiskLimits;
  readonly shared: boolean;
}

/** A disk to be written. The chain's first link is the disk itself; an empty chain is a drive without a medium. */
export interface DiskPlan extends Omit<NativeDisk, 'path'> {
  readonly chain: readonly Link[];
  readonly bootOrder?: number;
  /** What the host remembers of the disk; libvirt's choice when left out. */
  readonly cache?: 'none';
}

const NATIVE_BUS: Readonly<Partial<Record<DiskBus, string>>> = {
  paravirtual: 'virtio',
  scsi: 'scsi',
  sata: 'sata',
  ide: 'ide',
};
const BUS_OF: Readonly<Record<string, DiskBus>> = { virtio: 'paravirtual', scsi: 'scsi', sata: 'sata', ide: 'ide' };
const PREFIX: Readonly<Partial<Record<DiskBus, string>>> = { paravirtual: 'vd', scsi: 'sd', sata: 'sd', ide: 'hd' };

/** Buses that libvirt has disks on. */
export const BUSES = Object.keys(NATIVE_BUS) as readonly DiskBus[];

/** The first free place on the bus. */
export function freeTarget(bus: DiskBus, taken: ReadonlySet<string>): string {
  for (let index = 0; ; index += 1) {
    const target = `${PREFIX[bus] ?? 'sd'}${letters(index)}`;
    if (!taken.has(target)) return target;
  }
}

// a … z, aa, ab …: as libvirt counts. src/util/virutil.c virIndexToDiskName
const letters = (index: number): string =>
  (index < 26 ? '' : letters(Math.floor(index / 26) - 1)) + String.fromCharCode(97 + (index % 26));

export function diskTree(plan: DiskPlan): Tree {
  const [own] = plan.chain;
  return tree(
    'disk',
    { type: own ? storeType(own.store) : 'file', device: plan.device === 'media' ? 'cdrom' : 'disk' },
    tree('driver', {
      name: 'qemu',
      type: driverType(own?.format ?? 'raw'),
      cache: plan.cache,
      discard: plan.device === 'disk' ? 'unmap' : undefined,
    }),
    own && sourceTree(own.path, own.store),
    own && backingTree(plan.chain.slice(1)),
    tree('target', { dev: plan.target, bus: NATIVE_BUS[plan.bus] }),
    limitsTree(plan.limits),
    plan.readOnly ? tree('readonly') : undefined,
    plan.shared ? tree('shareable') : undefined,
    plan.serial === undefined ? undefined : tree('serial', {}, plan.serial),
    plan.bootOrder === undefined ? undefined : tree('boot', { order: plan.bootOrder }),
    tree('alias', { name: plan.id }),
  );
}

/** The document of what a disk is copied onto. */
export function copyTargetXml({ path, format, store }: Link, sizeBytes?: bigint): string {
  const type = driverType(format);
  // QEMU copies to what cannot change its size only if that is as large as what is copied: so it sees no more of it.
  const source =
    typeof store === 'string' && sizeBytes !== undefined && type === 'raw'
      ? tree(
          'source',
          { [store === 'block' ? 'dev' : 'file']: path },
          tree('slices', {}, tree('slice', { type: 'storage', offset: 0, size: sizeBytes })),
        )
      : sourceTree(path, store);
  return toXml(tree('disk', { type: storeType(store) }, tree('driver', { name: 'qemu', type }), source));
}

/**
 * The chain, told to its end. What is not told libvirt reads from the image's own header, and a foreign header may
 * name any file of the host.
 */
export function backingTree([next, ...rest]: readonly Link[]): Tree {
  if (!next) return tree('backingStore');
  return tree(
    'backingStore',
    { type: storeType(next.store) },
    tree('format', { type: driverType(next.format) }),
    sourceTree(next.path, next.store),
    backingTree(rest),
  );
}

/** libvirt's name of a format. */
export const driverType = (format: DiskFormat): string => NATIVE_FORMAT[format] ?? format;

const NATIVE_FORMAT: Readonly<Partial<Record<DiskFormat, string>>> = { iso: 'raw', vhd: 'vpc', parallels: PLOOP };

export function limitsTree(limits: DiskLimits | undefined): Tree | undefined {
  const { throughput, operations } = limits ?? {};
  if (throughput === undefined && operations === undefined) return undefined;
  return tree(
    'iotune',
    {},
    throughput === undefined ? undefined : tree('total_bytes_sec', {}, throughput / 8n),
    operations === undefined ? undefined : tree('total_iops_sec', {}, operations),
  );
}

export function readDisk(element: Element): NativeDisk {
  const target = attribute(element, 'dev', 'target') ?? '';
  const alias = attribute(element, 'name', 'alias');
  const path = readLocation(child(element, 'source'));
  const serial = textAt(element, 'serial');
  const limits = readLimits(child(element, 'iotune'));
  return {
    // Only aliases of a caller's making are kept by libvirt; its own change with every start.
    id: diskId(alias?.startsWith('ua-') ? alias : target),
    device: attribute(element, 'device') === 'cdrom' ? 'media' : 'disk',
    bus: BUS_OF[attribute(element, 'bus', 'target') ?? ''] ?? 'scsi',
    target,
    readOnly: child(element, 'readonly') !== undefined,
    shared: child(element, 'shareable') !== undefined,
    ...(path === undefined ? {} : { path }),
    ...(serial === undefined ? {} : { serial }),
    ...(limits && { limits }),
  };
}

function readLimits(element: Element | undefined): DiskLimits | undefined {
  const bytesPerSecond = textAt(element, 'total_bytes_sec');
  const operations = textAt(element, 'total_iops_sec');
  if (bytesPerSecond === undefined && operations === undefined) return undefined;
  return {
    ...(bytesPerSecond === undefined ? {} : { throughput: bitsPerSecond(BigInt(bytesPerSecond) * 8n) }),
    ...(operations === undefined ? {} : { operations: operationsPerSecond(BigInt(operations)) }),
  };
}

/** The contract's view; `locate` finds the volume behind a path. */
export function toDisk(disk: NativeDisk, locate: (path: string) => VolumeId | undefined): Disk {
  const { id, device, bus, readOnly, serial, limits, shared, path } = disk;
  const volume = path === undefined ? undefined : locate(path);
  return {
    id,
    device,
    bus,
    readOnly,
    shared,
    ...(volume && { volume }),
    ...(serial === undefined ? {} : { serial }),
    ...(limits && { limits }),
  };
}
