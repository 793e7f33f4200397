import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesInMemory } from '../src/byte-source.js';
import { inspectImage } from '../src/inspector/inspect-image.js';
import { describeWithTools, extension, findTool, HOSTILE_IMAGES, qcow2 } from '@virt-drivers/image-corpus';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const qemuImg = findTool('qemu-img', 'qemu-utils');
const run = promisify(execFile);

/** What QEMU makes of an image; undefined when it refuses it. */
interface QemuView {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'backing-filename'?: string;
  readonly encrypted?: boolean;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: string } };
}

const NAMES = ['/nonexistent/canary', 'json:{"driver":"null-co"}', ''];
// Names lie in the header already, so that one changed field is enough to make them count.
const SEEDS: readonly Buffer[] = [
  ...NAMES.flatMap((backingFile) => [2, 3].map((version) => qcow2({ version, backingFile, backingOffset: 0n }))),
  qcow2({
    extensions: Buffer.concat([extension(0x6803f857, 'x'.repeat(48)), extension(0x44415441, '/nonexistent/canary')]),
    autoclear: 0n,
  }),
];

describeWithTools('what the inspector finds nothing wrong with, QEMU', { qemuImg }, ({ qemuImg }) => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'image-formats-qemu-agreement-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function qemuView(content: Buffer, ...options: string[]): Promise<QemuView | undefined> {
    const path = join(directory, 'image');
    await writeFile(path, content);
    try {
      return JSON.parse((await run(qemuImg, ['info', ...options, '--output=json', path])).stdout);
    } catch {
      return undefined;
    }
  }

  test('follows nowhere, and gives the same size', async () => {
    const field = fc.constantFrom(
      4,
      8,
      12,
      16,
      20,
      24,
      28,
      32,
      36,
      40,
      48,
      56,
      60,
      64,
      72,
      76,
      80,
      88,
      92,
      96,
      100,
      104,
      108,
      112,
    );
    const value = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 72, 104, 112, 1_024, 65_536), fc.nat(0xffff));
    const changes = fc.array(fc.record({ field, value }), { minLength: 1, maxLength: 3 });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(SEEDS.length - 1), changes, async (seed, edits) => {
        const content = Buffer.from(SEEDS[seed] ?? '');
        for (const edit of edits) content.writeUInt32BE(edit.value, edit.field);
        const found = await inspectImage(bytesInMemory(content));
        if (found.format !== 'qcow2' || found.problems.length > 0) return;
        const view = await qemuView(content, '-f', 'qcow2');
        if (!view) return;
        accepted += 1;
        expect(view['backing-filename']).toBeUndefined();
        expect(view['format-specific']?.data?.['data-file']).toBeUndefined();
        expect(view.encrypted ?? false).toBe(found.encryption !== undefined);
        expect(BigInt(view['virtual-size'])).toBe(found.virtualSizeBytes);
      }),
      { numRuns: RUNS },
    );
    // A test that never compares proves nothing.
    expect(accepted).toBeGreaterThan(0);
  }, 300_000);

  test('takes for raw what the inspector takes for raw', async () => {
    const seeds = Object.values(HOSTILE_IMAGES).map(({ content }) => content().subarray(0, 200_000));
    const edits = fc.array(fc.record({ at: fc.oneof(fc.nat(16), fc.nat(600)), value: fc.nat(255) }), { maxLength: 2 });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(seeds.length - 1),
        edits,
        fc.integer({ min: 1, max: 200_000 }),
        async (seed, changes, length) => {
          const content = Buffer.from(seeds[seed] ?? '').subarray(0, length);
          for (const { at, value } of changes) if (at < content.length) content[at] = value;
          if ((await inspectImage(bytesInMemory(content))).format !== 'raw') return;
          // Without `-f` QEMU guesses, which is what a careless tool would do.
          const view = await qemuView(content);
          compared += 1;
          expect(view?.format).toBe('raw');
        },
      ),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(0);
  }, 300_000);
});
