import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytesInMemory,
  inspectImage,
  openSparseVmdk,
  openStreamOptimised,
  writeStreamOptimised,
} from '../../src/index.js';
import { collect, inPieces } from '@virt-drivers/image-corpus';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 25);

/** A disk of so many sectors in which some ranges have data. */
function disk(sectors: number, ranges: readonly { at: number; length: number; byte: number }[]): Buffer {
  const content = Buffer.alloc(sectors * 512);
  for (const { at, length, byte } of ranges) {
    const start = at % content.length;
    for (let index = start; index < Math.min(start + length, content.length); index += 1)
      content[index] = (byte + index * 31) & 0xff;
  }
  return content;
}

const written = async (content: Buffer, piece?: number): Promise<Buffer> =>
  collect(writeStreamOptimised(inPieces(content, piece), { sizeBytes: BigInt(content.length) }));

describe('a disk written as stream-optimised VMDK', () => {
  const ranges = fc.array(fc.record({ at: fc.nat(36_000_000), length: fc.nat(200_000), byte: fc.nat(255) }), {
    maxLength: 4,
  });

  test('is the same when it is read, as a file and as a stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70_000 }),
        ranges,
        fc.integer({ min: 5_000, max: 300_000 }),
        async (sectors, data, piece) => {
          const content = disk(sectors, data);
          const file = await written(content, piece);
          expect(file.length % 512).toBe(0);
          const asFile = await openSparseVmdk(bytesInMemory(file));
          expect(asFile.sizeBytes).toBe(BigInt(content.length));
          expect((await collect(asFile.raw())).equals(content)).toBe(true);
          const asStream = await openStreamOptimised(inPieces(file, piece));
          expect(asStream.sizeBytes).toBe(BigInt(content.length));
          expect((await collect(asStream.raw())).equals(content)).toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  }, 300_000);

  test('has nothing wrong with it, and takes no room for zeros', async () => {
    const file = await written(disk(2_000_000, [{ at: 1_000_000, length: 100, byte: 7 }]));
    expect(file.length).toBeLessThan(80_000);
    expect(await inspectImage(bytesInMemory(file))).toMatchObject({
      format: 'vmdk',
      virtualSizeBytes: 1_024_000_000n,
      problems: [],
    });
  });

  test('is the same every time', async () => {
    const content = disk(10_000, [{ at: 0, length: 3_000_000, byte: 1 }]);
    expect((await written(content, 333)).equals(await written(content, 1_000_000))).toBe(true);
  });

  test('ends in an error when the content is shorter or longer than its disk', async () => {
    const content = Buffer.alloc(1_024, 1);
    await expect(collect(writeStreamOptimised(inPieces(content), { sizeBytes: 2_048n }))).rejects.toMatchObject({
      kind: 'corrupt',
    });
    await expect(collect(writeStreamOptimised(inPieces(content), { sizeBytes: 512n }))).rejects.toThrow(RangeError);
  });

  test.each([
    [{ sizeBytes: 0n }, /multiple of 512/],
    [{ sizeBytes: 1_000n }, /multiple of 512/],
    [{ sizeBytes: 512n, contentId: 'ffffffff' }, /eight hexadecimal digits/],
    [{ sizeBytes: 512n, contentId: 'abc\n' }, /eight hexadecimal digits/],
  ])('refuses %j', (options, message) => {
    expect(() => writeStreamOptimised(inPieces(Buffer.alloc(512)), options)).toThrow(message);
  });

  test('closes the source when its reader stops', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(65_536, 3);
      } finally {
        closed = true;
      }
    }
    for await (const piece of writeStreamOptimised(source(), { sizeBytes: 1n << 30n })) {
      if (piece.length < 65_536) break;
    }
    expect(closed).toBe(true);
  });
});
