import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytesInMemory,
  ImageError,
  openFlatVmdk,
  openSparseVmdk,
  openStreamOptimised,
  writeStreamOptimised,
} from '../../src/index.js';
import { collect, inPieces } from '@virt-drivers/image-corpus';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);
const SIZE = 1_000_448;
const TABLE = 12;

let sound: Buffer;
beforeAll(async () => {
  const content = Buffer.alloc(SIZE);
  content.fill('data ', 0, 200_000).fill(7, 700_000);
  sound = await collect(writeStreamOptimised(inPieces(content), { sizeBytes: BigInt(SIZE) }));
});

const changed = (change: (file: Buffer) => void): Buffer => {
  const file = Buffer.from(sound);
  change(file);
  return file;
};
const asFile = async (file: Buffer): Promise<Buffer> => collect((await openSparseVmdk(bytesInMemory(file))).raw());
const asStream = async (file: Buffer): Promise<Buffer> => collect((await openStreamOptimised(inPieces(file))).raw());
const footer = (file: Buffer): number => file.length - 1_024;
/** Sector of the only grain table. */
const tableAt = (file: Buffer): number =>
  file.readUInt32LE(Number(file.readBigUInt64LE(footer(file) + 56)) * 512) * 512;

describe('a VMDK that lies is refused', () => {
  test.each<[string, (file: Buffer) => void, 'file' | 'stream' | 'both']>([
    ['no signature', (file) => file.write('XXXX'), 'both'],
    ['version 9', (file) => file.writeUInt32LE(9, 4), 'both'],
    ['damaged by a text transfer', (file) => file.write('\n \n\n', 73), 'both'],
    ['grains of three sectors', (file) => file.writeBigUInt64LE(3n, 20), 'both'],
    ['grains of 1 TiB', (file) => file.writeBigUInt64LE(1n << 31n, 20), 'both'],
    ['capacity zero', (file) => file.writeBigUInt64LE(0n, 12), 'both'],
    ['capacity of 2^63 sectors', (file) => file.writeBigUInt64LE(1n << 63n, 12), 'both'],
    ['footer of another capacity', (file) => file.writeBigUInt64LE(4_096n, footer(file) + 12), 'both'],
    ['tables of 2^32 entries', (file) => file.writeUInt32LE(0xffff_ffff, 44), 'both'],
    ['unknown compression', (file) => file.writeUInt16LE(2, 77), 'both'],
    ['no compression with compressed grains', (file) => file.writeUInt16LE(0, 77), 'both'],
    ['an overhead of 2^60 sectors', (file) => file.writeBigUInt64LE(1n << 60n, 64), 'stream'],
    ['a descriptor of 2^60 sectors', (file) => file.writeBigUInt64LE(1n << 60n, 36), 'stream'],
    ['a directory behind the end', (file) => file.writeBigUInt64LE(1n << 40n, footer(file) + 56), 'file'],
    [
      'a table behind the end',
      (file) => file.writeUInt32LE(0x7fff_ffff, Number(file.readBigUInt64LE(footer(file) + 56)) * 512),
      'file',
    ],
    ['a grain behind the end', (file) => file.writeUInt32LE(0x7fff_ffff, tableAt(file)), 'file'],
    [
      'a grain in the place of another',
      (file) => file.writeUInt32LE(file.readUInt32LE(tableAt(file) + 4), tableAt(file)),
      'file',
    ],
    ['grains behind the end of the disk', (file) => file.writeUInt32LE(128, tableAt(file) + 4 * 300), 'file'],
    ['a grain behind the end of the disk', (file) => file.writeBigUInt64LE(1n << 40n, 128 * 512), 'both'],
    ['a grain of 4 GiB', (file) => file.writeUInt32LE(0xffff_fff0, 128 * 512 + 8), 'both'],
    [
      'a grain that is not compressed data',
      (file) => file.fill(0xff, 128 * 512 + TABLE, 128 * 512 + TABLE + 40),
      'both',
    ],
    ['metadata of 2^50 sectors', (file) => file.writeBigUInt64LE(1n << 50n, tableAt(file) - 512), 'stream'],
    ['a marker of unknown kind', (file) => file.writeUInt32LE(77, tableAt(file) - 512 + 12), 'stream'],
  ])('%s', async (_name, change, how) => {
    const file = changed(change);
    if (how !== 'stream') await expect(asFile(file)).rejects.toMatchObject({ name: 'ImageError', kind: 'corrupt' });
    if (how !== 'file') await expect(asStream(file)).rejects.toMatchObject({ name: 'ImageError', kind: 'corrupt' });
  });

  test('cut off anywhere', async () => {
    for (let length = 0; length < sound.length; length += 1_531) {
      await expect(asStream(sound.subarray(0, length))).rejects.toBeInstanceOf(ImageError);
      await expect(asFile(sound.subarray(0, length))).rejects.toBeInstanceOf(ImageError);
    }
  });

  test('going on behind its end', async () => {
    await expect(asStream(Buffer.concat([sound, Buffer.alloc(512, 1)]))).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(asStream(Buffer.concat([sound, Buffer.alloc(2 << 20)]))).rejects.toMatchObject({ kind: 'corrupt' });
  });

  const flat = (extent: string, rest = ''): string =>
    `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\n${rest}\n${extent}\n`;
  test.each([
    ['an extent elsewhere', flat('RW 8 FLAT "/srv/canary" 0'), 'unsafe'],
    ['an extent above', flat('RW 8 FLAT "../canary" 0'), 'unsafe'],
    ['an extent by a Windows path', flat('RW 8 FLAT "c:canary" 0'), 'unsafe'],
    ['a parent', flat('RW 8 FLAT "flat" 0', 'parentFileNameHint="x"'), 'unsafe'],
    ['two create types', flat('RW 8 FLAT "flat" 0', '#createType="monolithicSparse"'), 'unsafe'],
    ['two extents', flat('RW 4 FLAT "flat" 0\nRW 4 FLAT "flat" 4'), 'unsupported'],
    ['a device', flat('RW 8 VMFSRDM "flat"'), 'unsupported'],
    ['an extent that is too short', flat('RW 9 FLAT "flat" 0'), 'corrupt'],
    ['an extent that starts too late', flat('RW 8 FLAT "flat" 1'), 'corrupt'],
    ['an extent that is not there', flat('RW 8 FLAT "other" 0'), 'corrupt'],
  ])('flat, with %s', (_name, descriptor, kind) => {
    const extent = (name: string) => (name === 'flat' ? bytesInMemory(Buffer.alloc(4_096)) : undefined);
    expect(() => openFlatVmdk(descriptor, extent)).toThrow(expect.objectContaining({ name: 'ImageError', kind }));
  });

  test('any change of any byte: refused with ImageError, or read to the size that it says', async () => {
    const places = fc.oneof(fc.nat(600), fc.integer({ min: 65_536, max: 66_200 }), fc.nat(1_000_000));
    const edits = fc.array(fc.record({ at: places, fromEnd: fc.boolean(), value: fc.nat(255) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const file = changed((bytes) => {
          for (const { at, fromEnd, value } of changes) {
            const place = at % bytes.length;
            bytes[fromEnd ? bytes.length - 1 - place : place] = value;
          }
        });
        for (const open of [() => openSparseVmdk(bytesInMemory(file)), () => openStreamOptimised(inPieces(file))]) {
          const outcome = await open().then(
            async (disk) => (disk.sizeBytes > 50_000_000n ? undefined : drained(disk.raw(), disk.sizeBytes)),
            (error: unknown) => error,
          );
          if (outcome !== undefined) expect(outcome).toBeInstanceOf(ImageError);
        }
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

/** The error that ends the stream; undefined when it ends at this size. */
async function drained(raw: AsyncIterable<Uint8Array>, size: bigint): Promise<unknown> {
  let total = 0n;
  try {
    for await (const piece of raw) total += BigInt(piece.byteLength);
  } catch (error) {
    return error;
  }
  expect(total).toBe(size);
  return undefined;
}
