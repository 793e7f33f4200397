import { bytes, type CallOptions, type DiskBus, type DiskFormat, type ImageSource } from '@virt-drivers/core';
import type { ImageInspection } from '../image/inspect-image.js';
import { openDiskStream, rawDigest, type DiskPlace, type DiskView } from './disk-stream.js';

/** A disk that passed the gate, in a form that every pool takes. */
export interface AdmittedDisk extends ImageSource {
  /** Of the image, or of the file in its package. */
  readonly name: string;
  /** The same disk as it came, when it is offered in another form: for pools that prefer that one. */
  readonly original?: ImageSource;
  /** The controller that its package wants it on. */
  readonly bus?: DiskBus;
}

/** Formats that pools rarely know; they are offered as raw, and as they are. */
const CONVERTED: readonly DiskFormat[] = ['vmdk'];

/**
 * Makes a disk of what the gate let in. `sha256`: of the bytes as they came.
 * Errors: `IMAGE.CORRUPT`, `CALL.CANCELLED`.
 */
export async function admittedDisk(
  place: DiskPlace,
  { sizeBytes, virtualSizeBytes }: Pick<ImageInspection, 'sizeBytes' | 'virtualSizeBytes'>,
  format: DiskFormat,
  sha256: string,
  options: CallOptions,
): Promise<Omit<AdmittedDisk, 'name' | 'bus'>> {
  const source = (view: DiskView, as: DiskFormat, length: bigint, hex: string): ImageSource => ({
    format: as,
    sizeBytes: bytes(length),
    virtualSizeBytes,
    checksum: { algorithm: 'sha256', hex },
    open: (call) => openDiskStream(place, view, hex, call),
  });
  const original = source('stored', format, sizeBytes, sha256);
  if (!CONVERTED.includes(format)) return original;
  return { ...source('raw', 'raw', virtualSizeBytes, await rawDigest(place, options)), original };
}

/** The form of an admitted disk that a pool with these formats, the preferred one first, should get. */
export function formFor({ original, ...disk }: AdmittedDisk, formats: readonly DiskFormat[]): ImageSource {
  return original && formats[0] === original.format ? original : disk;
}
