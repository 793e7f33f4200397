import { bytes, poolId } from '@virt-drivers/core';
import type { Bytes, DiskFormat, Pool, HostId } from '@virt-drivers/core';
import { readSize } from './cpu-memory-xml.js';
import { attribute, child, parseXml, textAt, toXml, tree, type Tree } from './xml.js';

/** Formats that volumes of a directory can have, the preferred one first. */
export const FORMATS = ['qcow2', 'raw', 'iso'] as const satisfies readonly DiskFormat[];

/** A format that volumes can have. */
export type VolumeFormat = (typeof FORMATS)[number];

export const isVolumeFormat = (format: DiskFormat): format is VolumeFormat => FORMATS.some((known) => known === format);

/** A volume as libvirt describes it. */
export interface NativeVolume {
  readonly fileName: string;
  readonly path: string;
  /** As found by libvirt in the file's first bytes, which a guest can write: see `formatOf`. */
  readonly probedFormat: string;
  readonly capacityBytes: Bytes;
  readonly allocatedBytes: Bytes;
  readonly backing?: { readonly path: string; readonly format: string };
}

/** A volume to be made. */
export interface VolumePlan {
  readonly fileName: string;
  readonly format: VolumeFormat;
  readonly capacityBytes: bigint;
  readonly thick?: boolean;
  readonly backing?: { readonly path: string; readonly format: VolumeFormat };
}

/** File name of a volume: the format is part of it, because nothing else that the host keeps can be trusted to tell it. */
export const fileNameOf = (name: string, format: VolumeFormat): string => `${name}.${format}`;

/**
 * File name of what a volume is converted from, while it is. It tells the volume's name, so that what a killed process
 * left of it is found and deleted by that name.
 */
export const intermediateName = (name: string, format: VolumeFormat): string => `vd-tmp-${name}.${format}`;

/** Display name of a file: of the volume, also while that is still being made. */
export function nameOf(fileName: string): string {
  const [, name] = /^(?:vd-tmp-)?(.+)\.(?:qcow2|raw|iso)$/.exec(fileName) ?? [];
  return name ?? fileName;
}

/** Declared format of a volume; a file that was not made by this driver is what libvirt takes it for. */
export function formatOf({ fileName, probedFormat }: NativeVolume): DiskFormat {
  const [, declared] = /\.(qcow2|raw|iso)$/.exec(fileName) ?? [];
  // The pattern allows exactly these.
  if (declared !== undefined) return declared as VolumeFormat;
  if (probedFormat === 'vpc') return 'vhd';
  const known: readonly DiskFormat[] = ['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'parallels', 'iso'];
  return known.find((format) => format === probedFormat) ?? 'raw';
}

export function volumeXml({ fileName, format, capacityBytes, thick, backing }: VolumePlan): string {
  const allocation = thick === true ? capacityBytes : 0n;
  return toXml(
    tree(
      'volume',
      {},
      tree('name', {}, fileName),
      tree('capacity', { unit: 'bytes' }, capacityBytes),
      tree('allocation', { unit: 'bytes' }, allocation),
      tree('target', {}, formatTree(format), format === 'qcow2' ? tree('compat', {}, '1.1') : undefined),
      backing && tree('backingStore', {}, tree('path', {}, backing.path), formatTree(backing.format)),
    ),
  );
}

const formatTree = (format: VolumeFormat): Tree => tree('format', { type: format === 'iso' ? 'raw' : format });

export function readVolume(xml: string): NativeVolume {
  const volume = parseXml(xml);
  const backingPath = textAt(volume, 'backingStore/path');
  return {
    fileName: textAt(volume, 'name') ?? '',
    path: textAt(volume, 'target/path') ?? '',
    probedFormat: attribute(volume, 'type', 'target/format') ?? 'raw',
    capacityBytes: readSize(child(volume, 'capacity'), 'bytes'),
    allocatedBytes: readSize(child(volume, 'allocation'), 'bytes'),
    ...(backingPath
      ? { backing: { path: backingPath, format: attribute(volume, 'type', 'backingStore/format') ?? 'raw' } }
      : {}),
  };
}

/** A pool as libvirt describes it. */
export interface NativePool {
  readonly name: string;
  readonly type: string;
  readonly targetPath: string;
}

export function readPool(xml: string): NativePool {
  const pool = parseXml(xml);
  return {
    name: textAt(pool, 'name') ?? '',
    type: attribute(pool, 'type') ?? '',
    targetPath: textAt(pool, 'target/path') ?? '',
  };
}

/** Native state number, capacity and free bytes of a pool. */
export interface PoolFigures {
  readonly state: number;
  readonly capacity: bigint;
  readonly available: bigint;
}

const POOL_RUNNING = 2;

export function toPool({ name, type }: NativePool, figures: PoolFigures, host: HostId): Pool {
  return {
    id: poolId(name),
    name,
    kind: KINDS[type] ?? 'other',
    state: figures.state === POOL_RUNNING ? 'ready' : 'unavailable',
    capacityBytes: bytes(figures.capacity),
    freeBytes: bytes(figures.available),
    formats: type === 'dir' ? FORMATS : [],
    hosts: [host],
    shared: SHARED.has(type),
  };
}

const KINDS: Readonly<Record<string, Pool['kind']>> = {
  dir: 'directory',
  fs: 'directory',
  netfs: 'directory',
  logical: 'block',
  disk: 'block',
  iscsi: 'block',
  'iscsi-direct': 'block',
  scsi: 'block',
  mpath: 'block',
  rbd: 'object',
  gluster: 'object',
  sheepdog: 'object',
};
const SHARED = new Set(['netfs', 'rbd', 'gluster', 'sheepdog', 'iscsi', 'iscsi-direct']);
