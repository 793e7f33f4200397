import { describe, expect, test } from '@jest/globals';
import { bytesInMemory } from '../byte-source.js';
import { inspectImage } from './inspect-image.js';
import {
  HOSTILE_IMAGES,
  iso,
  luks,
  padded,
  parallels,
  qcow2,
  qed,
  vdi,
  vhdDynamic,
  vhdFixed,
  vhdx,
  vmdkSparse,
} from '@virt-drivers/image-corpus';

const inspect = (content: Uint8Array) => inspectImage(bytesInMemory(content));

describe('inspectImage', () => {
  test('takes content without any signature for raw', async () => {
    const found = await inspect(Buffer.alloc(1_048_576, 7));
    expect(found).toMatchObject({ format: 'raw', signatures: [], virtualSizeBytes: 1_048_576n, problems: [] });
  });

  test.each([2, 3])('finds nothing wrong with a sound qcow2 of version %i', async (version) => {
    const found = await inspect(qcow2({ version }));
    expect(found).toMatchObject({ format: 'qcow2', virtualSizeBytes: 1_048_576n, problems: [] });
    expect(found.features).toContain(`version ${version}`);
  });

  test('shows names from a hostile header without control characters', async () => {
    const found = await inspect(qcow2({ backingFile: 'a\x1b[31m\nb' }));
    expect(found.backingFile).toBe('a?[31m?b');
  });

  test('sees a data file whose name stands in a header extension', async () => {
    const hostile = HOSTILE_IMAGES['qcow2 with an external data file'];
    expect((await inspect(hostile?.content() ?? Buffer.alloc(0))).dataFile).toBe('/srv/canary/passwd');
  });

  test('accepts an ISO with a partition table in its free area, and names both', async () => {
    const hybrid = iso();
    hybrid.writeUInt16BE(0x55aa, 510);
    hybrid[446] = 0x80;
    hybrid[450] = 0x17;
    hybrid.writeUInt32LE(20, 458);
    expect(await inspect(hybrid)).toMatchObject({
      format: 'iso',
      signatures: ['iso'],
      partitionTable: 'mbr',
      problems: [],
    });
  });

  test('names the GUID partition table of a raw disk', async () => {
    const disk = Buffer.alloc(4_096);
    disk.write('EFI PART', 512);
    expect(await inspect(disk)).toMatchObject({ format: 'raw', partitionTable: 'gpt', problems: [] });
  });

  test.each([
    ['vdi', vdi()],
    ['vhd', vhdFixed(1_048_576)],
    ['vhd', vhdDynamic()],
    ['qed', qed()],
    ['parallels', parallels()],
    ['vhdx', vhdx({})],
    ['vmdk', vmdkSparse('version=1\ncreateType="monolithicSparse"\nparentCID=ffffffff\nRW 2048 SPARSE "x.vmdk"\n')],
  ])('measures a sound %s', async (format, content) => {
    expect(await inspect(content)).toMatchObject({ format, virtualSizeBytes: 1_048_576n, problems: [] });
  });

  test('tells a whole LUKS header from a detached or damaged one', async () => {
    expect(await inspect(luks())).toMatchObject({ format: 'luks', encryption: 'luks', problems: [] });
    for (const change of [
      (image: Buffer) => image.writeUInt32BE(0, 104),
      (image: Buffer) => image.writeUInt32BE(0x7fff_ffff, 104),
      (image: Buffer) => image.writeUInt16BE(9, 6),
    ])
      expect((await inspect(luks((image) => void change(image)))).problems).toHaveLength(1);
  });

  test('reports a content with two signatures as unsafe', async () => {
    const found = await inspect(Buffer.concat([padded('KDMV'), vhdFixed(0)]));
    expect(found.signatures).toEqual(['vmdk', 'vhd']);
    expect(found.problems[0]).toMatchObject({ kind: 'unsafe' });
  });

  test.each(Object.entries(HOSTILE_IMAGES))(
    'sees what is wrong with %s',
    async (_name, { content, declared, code }) => {
      const { format, problems, encryption } = await inspect(content());
      if (code === 'IMAGE.FORMAT_MISMATCH') expect(format).not.toBe(declared);
      else if (code !== 'IMAGE.TOO_LARGE' && encryption === undefined)
        expect(problems).toContainEqual(expect.objectContaining({ kind: code.slice(6).toLowerCase() }));
    },
  );
});
