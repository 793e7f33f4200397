import type { CallOptions } from './call.js';
import type { Bytes } from './quantity.js';

/** Formats that disk content comes in. What a pool stores natively is in {@link Pool.formats}. */
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vhd' | 'vhdx' | 'vdi' | 'qed' | 'parallels' | 'iso';

/** Digest of a content, lower-case hexadecimal. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

/**
 * Content for a new volume, already inspected and verified by whoever made this object: its format is what it says, it
 * names no other file, its checksum was checked. Drivers trust it and never probe formats themselves.
 *
 * CONTRACT question 16 (how do image bytes reach the host?): the source offers a verified stream and, where it can, a
 * one-time URL; the driver picks what its hypervisor needs. It is the one argument of the contract with functions in it,
 * because bytes cannot be plain data. Proven by: `volumes/create-from-content`, `volumes/content-error-leaves-nothing`.
 */
export interface ImageSource {
  readonly format: DiskFormat;
  /** Bytes that `open` yields. */
  readonly sizeBytes: Bytes;
  /** Size of the disk that the content describes; equals `sizeBytes` for `raw` and `iso`. */
  readonly virtualSizeBytes: Bytes;
  readonly checksum: Checksum;
  /** A fresh stream of the whole content. May be called again after a failure. The reader's pace is the pace. */
  open(options?: CallOptions): AsyncIterable<Uint8Array>;
  /** A URL that the host itself can fetch once; absent when the source cannot offer one. */
  url?(options?: CallOptions): Promise<{ readonly url: string; readonly expiresAt: Date }>;
}
