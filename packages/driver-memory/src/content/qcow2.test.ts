import { deflateRawSync } from 'node:zlib';
import { createBlockWriter } from './block-writer.js';
import { createMemoryContent } from './content-store.js';
import { decodeQcow2 } from './qcow2.js';

const CLUSTER = 65_536;

interface Changes {
  readonly backing?: bigint;
  readonly features?: bigint;
  readonly l1Entries?: number;
}

/** An image of four clusters and a bit: data, nothing, compressed, zero by its flag, and the half that is left. */
function image(changes: Changes = {}): Buffer {
  const compressed = deflateRawSync(Buffer.alloc(CLUSTER, 'c'));
  const file = Buffer.alloc(6 * CLUSTER);
  file.writeUInt32BE(0x514649fb, 0);
  file.writeUInt32BE(3, 4);
  file.writeBigUInt64BE(changes.backing ?? 0n, 8);
  file.writeUInt32BE(16, 20);
  file.writeBigUInt64BE(BigInt(4 * CLUSTER + 1_000), 24);
  file.writeUInt32BE(changes.l1Entries ?? 1, 36);
  file.writeBigUInt64BE(BigInt(CLUSTER), 40);
  file.writeBigUInt64BE(changes.features ?? 0n, 72);
  file.writeBigUInt64BE(BigInt(2 * CLUSTER) | (1n << 63n), CLUSTER);
  const entries = [
    BigInt(3 * CLUSTER) | (1n << 63n),
    0n,
    (1n << 62n) | (BigInt(Math.ceil(compressed.length / 512)) << 54n) | BigInt(4 * CLUSTER + 100),
    BigInt(3 * CLUSTER) | 1n,
    BigInt(5 * CLUSTER) | (1n << 63n),
  ];
  entries.forEach((entry, index) => file.writeBigUInt64BE(entry, 2 * CLUSTER + index * 8));
  file.fill('d', 3 * CLUSTER, 4 * CLUSTER);
  compressed.copy(file, 4 * CLUSTER + 100);
  file.fill('e', 5 * CLUSTER);
  return file;
}

function decode(file: Buffer): Buffer {
  const content = createMemoryContent();
  const writer = createBlockWriter(content, 'image');
  writer.push(file);
  writer.end();
  const pieces = [...decodeQcow2(content, { layer: 'image', sizeBytes: file.length })];
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'number' ? Buffer.alloc(piece) : piece)));
}

test('every kind of cluster is read as a guest would', () => {
  const disk = decode(image());
  expect(disk.length).toBe(4 * CLUSTER + 1_000);
  const parts = [
    Buffer.alloc(CLUSTER, 'd'),
    Buffer.alloc(CLUSTER),
    Buffer.alloc(CLUSTER, 'c'),
    Buffer.alloc(CLUSTER),
    Buffer.alloc(1_000, 'e'),
  ];
  expect(disk.equals(Buffer.concat(parts))).toBe(true);
});

test.each([
  ['another file', image({ backing: 200n }), 'IMAGE.UNSAFE'],
  ['an unknown feature', image({ features: 16n }), 'CAPABILITY.CONDITION_UNMET'],
  ['too small a table', image({ l1Entries: 0 }), 'IMAGE.CORRUPT'],
  ['an end that comes too early', image().subarray(0, 2 * CLUSTER + 10), 'IMAGE.CORRUPT'],
  ['other bytes', Buffer.alloc(100), 'IMAGE.CORRUPT'],
])('%s is refused', (_what, file, code) => {
  expect(() => decode(file)).toThrow(expect.objectContaining({ code }));
});

test('a writer skips as if zeros were written', () => {
  const written = [1, 2].map((way) => {
    const writer = createBlockWriter(createMemoryContent(), 'layer');
    for (const length of [10, 100_000, 65_536, 200_000]) {
      writer.push(Buffer.alloc(5, 'x'));
      if (way === 1) writer.skip(length);
      else writer.push(new Uint8Array(length));
    }
    writer.end();
    return { extents: writer.extents, position: writer.position };
  });
  expect(written[0]).toEqual(written[1]);
});
