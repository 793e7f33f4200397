import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  bytesInMemory,
  bytesOfHandle,
  openFlatVmdk,
  openSparseVmdk,
  readStreamOptimised,
  writeStreamOptimised,
} from '../../src/index.js';
import { collect, describeWithTools, findTool, inPieces } from '@virt-drivers/image-corpus';

const qemuImg = findTool('qemu-img', 'qemu-utils');

describeWithTools('VMDK, against qemu-img', { qemuImg }, ({ qemuImg }) => {
  let directory = '';
  const at = (name: string): string => join(directory, name);
  const run = (...args: string[]): string => execFileSync(qemuImg, args, { encoding: 'utf8', stdio: 'pipe' });
  // Data, holes, a run that does not compress, and an end in the middle of a grain.
  const content = Buffer.alloc(68_000_256 - (68_000_256 % 512));

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'image-formats-vmdk-'));
    content.fill('all the same ', 0, 300_000);
    for (let index = 40_000_000; index < 42_000_000; index += 1) content[index] = (index * 2_654_435_761) >>> 11;
    content.fill(9, content.length - 700);
    writeFileSync(at('raw'), content);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function readBack(name: string): Promise<Buffer> {
    await using handle = await open(at(name), 'r');
    return await collect((await openSparseVmdk(await bytesOfHandle(handle))).raw());
  }

  test.each([
    ['monolithicSparse', []],
    ['streamOptimized', ['-o', 'subformat=streamOptimized']],
    ['monolithicSparse with zeroed grains', ['-o', 'subformat=monolithicSparse,zeroed_grain=on']],
  ])('reads what it writes as %s', async (name, options) => {
    run('convert', '-f', 'raw', '-O', 'vmdk', ...options, at('raw'), at(`${name}.vmdk`));
    expect((await readBack(`${name}.vmdk`)).equals(content)).toBe(true);
  });

  test('reads what it writes as a stream', async () => {
    run('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', at('raw'), at('stream.vmdk'));
    expect((await collect(readStreamOptimised(createReadStream(at('stream.vmdk'))))).equals(content)).toBe(true);
  });

  test('reads what it writes as descriptor and flat extent', async () => {
    run('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=monolithicFlat', at('raw'), at('flat.vmdk'));
    const extents: Record<string, Buffer> = { 'flat-flat.vmdk': readFileSync(at('flat-flat.vmdk')) };
    const disk = openFlatVmdk(readFileSync(at('flat.vmdk'), 'latin1'), (name) => {
      const found = extents[name];
      return found && bytesInMemory(found);
    });
    expect((await collect(disk.raw())).equals(content)).toBe(true);
  });

  test('it reads what we write, and finds nothing wrong', async () => {
    const file = await collect(writeStreamOptimised(inPieces(content), { sizeBytes: BigInt(content.length) }));
    await writeFile(at('ours.vmdk'), file);
    expect(JSON.parse(run('info', '-f', 'vmdk', '--output=json', at('ours.vmdk')))).toMatchObject({
      'virtual-size': content.length,
      'format-specific': {
        data: { 'create-type': 'streamOptimized', extents: [{ compressed: true, 'cluster-size': 65_536 }] },
      },
    });
    run('check', '-f', 'vmdk', at('ours.vmdk'));
    run('compare', '-f', 'vmdk', '-F', 'raw', at('ours.vmdk'), at('raw'));
  });

  test('it reads what we write of a disk that is all zeros', async () => {
    const file = await collect(writeStreamOptimised(inPieces(Buffer.alloc(1_048_576)), { sizeBytes: 1_048_576n }));
    await writeFile(at('empty.vmdk'), file);
    run('convert', '-f', 'vmdk', '-O', 'raw', at('empty.vmdk'), at('empty.raw'));
    expect(readFileSync(at('empty.raw')).equals(Buffer.alloc(1_048_576))).toBe(true);
  });
});
