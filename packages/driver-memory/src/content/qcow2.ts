import { constants, inflateRawSync } from 'node:zlib';
import { DriverError } from '@virt-drivers/core';
import { unmet } from '../errors.js';
import { CONTENT_FORMAT } from '../limits.js';
import { BLOCK_BYTES, type ContentStore } from './content-store.js';

// Format: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt
const MAGIC = 0x514649fb;
const OFFSET_MASK = 0x00fffffffffffe00n;
const COMPRESSED = 1n << 62n;
const ZERO = 1n;
// A dirty or corrupt mark does not change how the clusters are found; every other incompatible feature may.
const HARMLESS_FEATURES = 3n;

/** Where an image was put, byte by byte. */
export interface StoredImage {
  readonly layer: string;
  readonly sizeBytes: number;
}

interface Header {
  readonly clusterBits: number;
  readonly sizeBytes: bigint;
  readonly l1Entries: number;
  readonly l1Offset: number;
}

const corrupt = (what: string): DriverError =>
  new DriverError('IMAGE.CORRUPT', `Image in format qcow2 ${what}; convert or fetch it again.`);

function readerOf(
  content: ContentStore,
  { layer, sizeBytes }: StoredImage,
): (offset: number, length: number) => Buffer {
  return (offset, length) => {
    if (offset + length > sizeBytes) throw corrupt(`points beyond its end at ${offset}`);
    const result = Buffer.alloc(length);
    for (let at = offset; at < offset + length; ) {
      const block = Math.floor(at / BLOCK_BYTES);
      const piece = content
        .read(layer, block)
        .subarray(at - block * BLOCK_BYTES, Math.min(BLOCK_BYTES, offset + length - block * BLOCK_BYTES));
      result.set(piece, at - offset);
      at += piece.length;
    }
    return result;
  };
}

function readHeader(read: (offset: number, length: number) => Buffer): Header {
  const header = read(0, 80);
  if (header.readUInt32BE(0) !== MAGIC) throw corrupt('does not begin as one');
  if (header.readBigUInt64BE(8) !== 0n)
    throw new DriverError('IMAGE.UNSAFE', 'Image in format qcow2 names another file; flatten it first.');
  const features = header.readUInt32BE(4) >= 3 ? header.readBigUInt64BE(72) : 0n;
  if (header.readUInt32BE(32) !== 0 || (features & ~HARMLESS_FEATURES) !== 0n)
    throw unmet('Image with encryption or a newer feature of qcow2', CONTENT_FORMAT);
  return {
    clusterBits: header.readUInt32BE(20),
    sizeBytes: header.readBigUInt64BE(24),
    l1Entries: header.readUInt32BE(36),
    l1Offset: Number(header.readBigUInt64BE(40)),
  };
}

type Read = (offset: number, length: number) => Buffer;

function readCompressed(read: Read, image: StoredImage, entry: bigint, clusterBits: number): Buffer {
  const offsetBits = BigInt(62 - (clusterBits - 8));
  const offset = Number(entry & ((1n << offsetBits) - 1n));
  const sectors = Number((entry & (COMPRESSED - 1n)) >> offsetBits) + 1;
  const length = Math.min(sectors * 512 - (offset % 512), image.sizeBytes - offset);
  // What follows the compressed cluster belongs to the next one; only as much as a cluster is taken.
  return inflateRawSync(read(offset, length), {
    maxOutputLength: 2 ** clusterBits,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
}

/** Bytes of the disk, or how many zeros. */
export type DiskPiece = Uint8Array | number;

/** The disk that the image describes, cluster by cluster, as a guest would read it. */
export function* decodeQcow2(content: ContentStore, image: StoredImage): Generator<DiskPiece, void, undefined> {
  const read = readerOf(content, image);
  const { clusterBits, sizeBytes, l1Entries, l1Offset } = readHeader(read);
  if (clusterBits < 9 || clusterBits > 21) throw corrupt(`has clusters of 2^${clusterBits} bytes`);
  const clusterBytes = 2 ** clusterBits;
  const entriesPerTable = clusterBytes / 8;
  const l1 = read(l1Offset, l1Entries * 8);
  const clusters = Number((sizeBytes + BigInt(clusterBytes) - 1n) / BigInt(clusterBytes));
  if (l1Entries * entriesPerTable < clusters) throw corrupt('has too small a table of clusters');
  let table: Buffer | undefined;
  for (let cluster = 0; cluster < clusters; cluster += 1) {
    const inTable = cluster % entriesPerTable;
    if (inTable === 0) {
      const at = Number(l1.readBigUInt64BE((cluster / entriesPerTable) * 8) & OFFSET_MASK);
      table = at === 0 ? undefined : read(at, clusterBytes);
    }
    const entry = table?.readBigUInt64BE(inTable * 8) ?? 0n;
    const data = readCluster(read, image, entry, clusterBits);
    const length = Math.min(clusterBytes, Number(sizeBytes - BigInt(cluster) * BigInt(clusterBytes)));
    yield data?.subarray(0, length) ?? length;
  }
}

function readCluster(read: Read, image: StoredImage, entry: bigint, clusterBits: number): Buffer | undefined {
  if ((entry & COMPRESSED) !== 0n) return readCompressed(read, image, entry, clusterBits);
  const offset = Number(entry & OFFSET_MASK);
  if (offset === 0 || (entry & ZERO) !== 0n) return undefined;
  // The last cluster of a file may be cut short.
  const length = Math.min(2 ** clusterBits, image.sizeBytes - offset);
  const data = Buffer.alloc(2 ** clusterBits);
  data.set(read(offset, length));
  return data;
}
