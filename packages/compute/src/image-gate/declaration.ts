import { DriverError, type Bytes, type Checksum, type DiskFormat } from '@virt-drivers/core';

/** What the gate can let in: disks, and packages of several disks. */
export type AdmissibleFormat = DiskFormat | 'ova';

/** What the one who brings an image says that it is. */
export interface ImageDeclaration {
  /** Never optional: a guessed format is how a guest gets to read the host's files. */
  readonly format: AdmissibleFormat;
  /** Without it the content is taken as it comes, and known by its digest from then on. */
  readonly checksum?: Checksum;
  /** The image's content is encrypted in this way, and that is wanted. */
  readonly encryption?: 'luks' | 'aes';
}

/** What the gate lets through. */
export interface ImageLimits {
  /** Default: raw, qcow2, vmdk, ova and iso, the formats that can be used on every pool. */
  readonly formats?: readonly AdmissibleFormat[];
  /** Longest content. Default: 1 TiB. */
  readonly maximumSizeBytes?: Bytes;
  /** Largest disk that a content may describe. Default: 16 TiB. */
  readonly maximumVirtualSizeBytes?: Bytes;
}

export const DEFAULT_FORMATS: readonly AdmissibleFormat[] = ['raw', 'qcow2', 'vmdk', 'ova', 'iso'];
export const DEFAULT_MAXIMUM_SIZE = 1n << 40n;
export const DEFAULT_MAXIMUM_VIRTUAL_SIZE = 1n << 44n;

const DIGITS = { sha256: 64, sha512: 128 } as const;

/** Refuses with `REQUEST.INVALID` what no image could satisfy. */
export function checkDeclaration(name: string, { format, checksum }: ImageDeclaration, limits: ImageLimits): void {
  const formats = limits.formats ?? DEFAULT_FORMATS;
  if (!formats.includes(format)) {
    throw invalid(name, `is declared as ${format}; admitted formats are ${formats.join(', ')}. Convert it first.`);
  }
  if (!checksum) return;
  const digits = DIGITS[checksum.algorithm];
  if (digits === undefined || checksum.hex.length !== digits || !/^[0-9a-f]+$/.test(checksum.hex)) {
    throw invalid(
      name,
      'has a malformed checksum; give sha256 with 64 or sha512 with 128 lower-case hexadecimal digits.',
    );
  }
}

const invalid = (name: string, rest: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Image "${name}" ${rest}`, { subject: name });
