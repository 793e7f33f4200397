import { SECTOR } from './sparse-header.js';

/** What precedes everything in a stream-optimised extent after its header. */
export type Marker =
  /** Compressed data of the grain that starts at sector `at`; `length` bytes follow the 12 of the marker. */
  | { readonly kind: 'grain'; readonly at: bigint; readonly length: number }
  /** `sectors` sectors of metadata follow the marker's sector. */
  | { readonly kind: 'table' | 'directory' | 'footer'; readonly sectors: bigint }
  | { readonly kind: 'end' };

/** Bytes of a grain marker; its data follows at once. */
export const GRAIN_MARKER = 12;

const METADATA = { 1: 'table', 2: 'directory', 3: 'footer' } as const;
const CODES = { end: 0, table: 1, directory: 2, footer: 3 } as const;

const isMetadata = (type: number): type is keyof typeof METADATA => type in METADATA;

/** The marker at the start of a sector; undefined for bytes that are none. */
export function readMarker(sector: Buffer): Marker | undefined {
  const value = sector.readBigUInt64LE(0);
  const length = sector.readUInt32LE(8);
  if (length > 0) return { kind: 'grain', at: value, length };
  const type = sector.readUInt32LE(12);
  if (type === CODES.end) return value === 0n ? { kind: 'end' } : undefined;
  return isMetadata(type) ? { kind: METADATA[type], sectors: value } : undefined;
}

/** The sector that announces metadata, or the end. */
export function metadataMarker(kind: keyof typeof CODES, sectors: bigint): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.writeBigUInt64LE(sectors, 0);
  bytes.writeUInt32LE(CODES[kind], 12);
  return bytes;
}

/** A grain with its marker, padded to whole sectors. `at`: the sector on the disk where it starts. */
export function grainWithMarker(at: bigint, compressed: Uint8Array): Buffer {
  const length = GRAIN_MARKER + compressed.byteLength;
  const bytes = Buffer.alloc(Math.ceil(length / SECTOR) * SECTOR);
  bytes.writeBigUInt64LE(at, 0);
  bytes.writeUInt32LE(compressed.byteLength, 8);
  bytes.set(compressed, GRAIN_MARKER);
  return bytes;
}
