import { bytes, type Bytes, type DiskFormat } from '@virt-drivers/core';
import { encryptionTree, LUKS_HEADER_BYTES, readEncryptedName, type Keeping } from './encryption-xml.js';
import { readSize } from './cpu-memory-xml.js';
import { IMAGE_FILE, isFolder } from './ploop.js';
import { attribute, child, parseXml, textAt, toXml, tree, type Tree } from './xml.js';

/** Formats of plain files that volumes of a directory and contents can have, the preferred one first. */
export const FORMATS = ['qcow2', 'raw', 'iso'] as const satisfies readonly DiskFormat[];

/** Both keep a disk's bytes as they are, and differ in name only. */
export const sameBytes = (one: DiskFormat, other: DiskFormat): boolean =>
  one === other || [one, other].every((format) => format === 'raw' || format === 'iso');

/** A format that volumes can have. */
export type VolumeFormat = (typeof FORMATS)[number];

export const isVolumeFormat = (format: DiskFormat): format is VolumeFormat => FORMATS.some((known) => known === format);

/** Formats that volumes of a directory can have. Files in the last one are folders, which come about in another way. */
export const DIRECTORY_FORMATS = [...FORMATS, 'parallels'] as const satisfies readonly DiskFormat[];

/** A volume as libvirt describes it. */
export interface NativeVolume {
  readonly fileName: string;
  /** Display name, where the store keeps one beside the id that `fileName` is. */
  readonly name?: string;
  /** What keeps it; only files have formats. */
  readonly kind: Keeping;
  /** Path on the host; of an image in a network store, its location. */
  readonly path: string;
  /** As found by libvirt in the file's first bytes, which a guest can write: see `formatOf`. */
  readonly probedFormat: string;
  readonly capacityBytes: Bytes;
  /** Where `allocationUntold`, what it is at most. */
  readonly allocatedBytes: Bytes;
  readonly allocationUntold?: true;
  readonly backing?: { readonly path: string; readonly format: string };
}

/** A volume to be made. */
export interface VolumePlan {
  readonly fileName: string;
  readonly format: VolumeFormat;
  readonly capacityBytes: bigint;
  readonly thick?: boolean;
  readonly backing?: { readonly path: string; readonly format: VolumeFormat };
  /** Which of libvirt's secrets has the key of a volume to be encrypted. */
  readonly secret?: string;
}

/** File name of a volume: the format is part of it, because nothing else that the host keeps can be trusted to tell it. */
export const fileNameOf = (name: string, format: VolumeFormat): string => `${name}.${format}`;

/**
 * File name of what a volume is converted from, while it is. It tells the volume's name, so that what a killed process
 * left of it is found and deleted by that name.
 */
export const intermediateName = (name: string, format: VolumeFormat): string => `vd-tmp-${name}.${format}`;

/** Display name of a file: of the volume, also while that is still being made. */
export function nameOf({ fileName, kind, name: told }: Pick<NativeVolume, 'fileName' | 'kind' | 'name'>): string {
  if (told !== undefined) return told;
  const encrypted = readEncryptedName(fileName, kind);
  if (encrypted) return encrypted.name;
  if (kind !== 'file') return fileName;
  const [, name] = /^(?:vd-tmp-)?(.+)\.(?:qcow2|raw|iso|ploop)$/.exec(fileName) ?? [];
  return name ?? fileName;
}

/** Declared format of a volume; a file that was not made by this driver is what libvirt takes it for. */
export function formatOf({
  fileName,
  kind,
  probedFormat,
}: Pick<NativeVolume, 'fileName' | 'kind' | 'probedFormat'>): DiskFormat {
  // Stores of blocks keep a disk's bytes as they are.
  if (kind !== 'file') return 'raw';
  const encrypted = readEncryptedName(fileName, kind);
  if (encrypted) return encrypted.format;
  if (isFolder(fileName)) return 'parallels';
  const [, declared] = /\.(qcow2|raw|iso)$/.exec(fileName) ?? [];
  // The pattern allows exactly these.
  if (declared !== undefined) return declared as VolumeFormat;
  if (probedFormat === 'vpc') return 'vhd';
  const known: readonly DiskFormat[] = ['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'parallels', 'iso'];
  return known.find((format) => format === probedFormat) ?? 'raw';
}

/** What of a volume's length is not its content's. */
export const headerBytesOf = ({ kind, fileName }: Pick<NativeVolume, 'kind' | 'fileName'>): bigint =>
  kind !== 'file' && readEncryptedName(fileName, kind) ? LUKS_HEADER_BYTES : 0n;

export function volumeXml({ fileName, format, capacityBytes, thick, backing, secret }: VolumePlan): string {
  const allocation = thick === true ? capacityBytes : 0n;
  return toXml(
    tree(
      'volume',
      {},
      tree('name', {}, fileName),
      tree('capacity', { unit: 'bytes' }, capacityBytes),
      tree('allocation', { unit: 'bytes' }, allocation),
      tree(
        'target',
        {},
        formatTree(format),
        format === 'qcow2' ? tree('compat', {}, '1.1') : undefined,
        secret === undefined ? undefined : encryptionTree(secret),
      ),
      backing && tree('backingStore', {}, tree('path', {}, backing.path), formatTree(backing.format)),
    ),
  );
}

const formatTree = (format: VolumeFormat): Tree => tree('format', { type: format === 'iso' ? 'raw' : format });

/** Length of the file or device that holds a volume, whatever its first bytes say that it is. */
export function readLength(xml: string): Bytes {
  const volume = parseXml(xml);
  return readSize(child(volume, 'physical') ?? child(volume, 'capacity'), 'bytes');
}

export function readVolume(xml: string): NativeVolume {
  const volume = parseXml(xml);
  const backingPath = textAt(volume, 'backingStore/path');
  const own = {
    fileName: textAt(volume, 'name') ?? '',
    kind: kindOf(attribute(volume, 'type')),
    probedFormat: attribute(volume, 'type', 'target/format') ?? 'raw',
  };
  // The capacity is what the header says that libvirt believes in; of bytes without a header the length counts.
  const length = looksLikeAnother(own) ? child(volume, 'physical') : undefined;
  const size = readSize(length ?? child(volume, 'capacity'), 'bytes');
  const header = headerBytesOf(own);
  return {
    ...own,
    path: pathOf(own, textAt(volume, 'target/path') ?? ''),
    // Less than its header has what was killed while it was made.
    capacityBytes: bytes(size < header ? 0n : size - header),
    allocatedBytes: readSize(child(volume, 'allocation'), 'bytes'),
    ...(backingPath
      ? { backing: { path: backingPath, format: attribute(volume, 'type', 'backingStore/format') ?? 'raw' } }
      : {}),
  };
}

/**
 * True for a file without a header in whose first bytes libvirt sees one. A guest may have written them, to have the
 * host open files of its choice: libvirt's storage API must not be asked to work on such a file.
 */
export const looksLikeAnother = (volume: Pick<NativeVolume, 'fileName' | 'kind' | 'probedFormat'>): boolean =>
  volume.kind === 'file' && sameBytes(formatOf(volume), 'raw') && !['raw', 'iso'].includes(volume.probedFormat);

/** Where a disk's bytes are. */
const pathOf = (volume: Pick<NativeVolume, 'fileName' | 'kind'>, path: string): string =>
  isInFolder(volume) ? `${path}/${IMAGE_FILE}` : path;

/** True for an image in a folder; devices and images in network stores are called as their volumes are. */
export const isInFolder = ({ fileName, kind }: Pick<NativeVolume, 'fileName' | 'kind'>): boolean =>
  kind === 'file' && isFolder(fileName);

const kindOf = (type: string | undefined): NativeVolume['kind'] =>
  type === 'block' || type === 'network' ? type : 'file';
