import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesInMemory, LONGEST_READ, type ByteSource } from '../byte-source.js';
import { inspectImage } from './inspect-image.js';
import { HOSTILE_IMAGES, qcow2 } from '@virt-drivers/image-corpus';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);
const SEEDS: readonly Buffer[] = [
  qcow2(),
  qcow2({ version: 2 }),
  ...Object.values(HOSTILE_IMAGES).map(({ content }) => content()),
];

/** Counts what is read, and fails the test instead of answering an unbounded request. */
function metered(content: Buffer): ByteSource & { readonly total: () => number } {
  const source = bytesInMemory(content);
  let total = 0;
  return {
    sizeBytes: source.sizeBytes,
    total: () => total,
    read: async (offset, length) => {
      expect(length).toBeLessThanOrEqual(LONGEST_READ);
      const piece = await source.read(offset, length);
      total += piece.length;
      return piece;
    },
  };
}

async function survives(content: Buffer): Promise<void> {
  const source = metered(content);
  const found = await inspectImage(source);
  expect(typeof found.format).toBe('string');
  expect(found.virtualSizeBytes).toBeGreaterThanOrEqual(0n);
  // Signatures, headers and metadata tables, plus tables and markers that together cannot be longer than a few times the file.
  expect(source.total()).toBeLessThanOrEqual(content.length * 4 + 6 * LONGEST_READ);
}

describe('inspectImage on hostile content', () => {
  test('survives any change of any image', async () => {
    const change = fc.record({ at: fc.nat(), value: fc.uint8Array({ minLength: 1, maxLength: 16 }) });
    const mutant = fc.record({
      seed: fc.nat(SEEDS.length - 1),
      header: fc.array(fc.record({ at: fc.nat(128), value: change.map(({ value }) => value) }), { maxLength: 6 }),
      anywhere: fc.array(change, { maxLength: 4 }),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(mutant, async ({ seed, header, anywhere, keep }) => {
        const content = Buffer.from(SEEDS[seed] ?? '');
        for (const { at, value } of [...header, ...anywhere])
          content.set(value.slice(0, Math.max(0, content.length - at)), Math.min(at, content.length));
        await survives(content.subarray(0, keep > 0.9 ? Math.ceil(content.length * keep) : content.length));
      }),
      { numRuns: RUNS },
    );
  });

  test('survives arbitrary bytes behind every signature', async () => {
    const signatures = [
      'QFI\xfb\0\0\0\x03',
      'KDMV',
      'conectix',
      'vhdxfile',
      'QED\0',
      'LUKS\xba\xbe',
      '# x\nversion=1\n',
      '',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 4_096 }), (signature, rest) =>
        survives(Buffer.concat([Buffer.from(signature, 'latin1'), rest])),
      ),
      { numRuns: RUNS },
    );
  });
});
