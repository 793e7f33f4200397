import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withFile } from '../src/byte-source.js';
import { inspectImage } from '../src/inspector/inspect-image.js';
import { describeWithTools, findTool } from '@virt-drivers/image-corpus';

const qemuImg = findTool('qemu-img', 'qemu-utils');
const SIZE = 64n * 1_048_576n;

describeWithTools('images that qemu-img makes', { qemuImg }, ({ qemuImg }) => {
  let directory = '';
  const at = (name: string): string => join(directory, name);
  const run = (...args: string[]): void => void execFileSync(qemuImg, args, { stdio: 'pipe' });
  // QUIRK(qemu-img): it gives up on LUKS when it cannot measure how fast the processor is, which happens under load.
  const persistently = (...args: string[]): void => {
    for (let left = 30; ; left -= 1) {
      try {
        return run(...args);
      } catch (error) {
        if (left === 0 || !String(error).includes('accurate CPU usage')) throw error;
      }
    }
  };
  const inspect = (name: string) => withFile(at(name), inspectImage);

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'image-formats-qemu-images-'));
    // Data at both ends, so that tables and clusters are really there.
    writeFileSync(at('source.raw'), Buffer.alloc(3_000_000, 'data'));
    truncateSync(at('source.raw'), Number(SIZE));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each([
    ['qcow2', 'qcow2', []],
    ['qcow2 of version 2', 'qcow2', ['-o', 'compat=0.10']],
    ['qcow2 with small clusters', 'qcow2', ['-o', 'cluster_size=512']],
    ['qcow2 with large clusters', 'qcow2', ['-o', 'cluster_size=2M']],
    ['qcow2 with extended L2 entries', 'qcow2', ['-o', 'extended_l2=on']],
    ['qcow2 compressed', 'qcow2', ['-c']],
    ['qcow2 compressed with zstd', 'qcow2', ['-c', '-o', 'compression_type=zstd']],
    ['qcow2 with lazy reference counts', 'qcow2', ['-o', 'lazy_refcounts=on']],
    ['qcow2 with 1-bit reference counts', 'qcow2', ['-o', 'refcount_bits=1']],
    ['qcow2 preallocated', 'qcow2', ['-o', 'preallocation=metadata']],
    ['vmdk monolithicSparse', 'vmdk', []],
    ['vmdk streamOptimized', 'vmdk', ['-o', 'subformat=streamOptimized']],
    ['vhd dynamic', 'vhd', ['-O', 'vpc', '-o', 'force_size=on']],
    ['vhd fixed', 'vhd', ['-O', 'vpc', '-o', 'subformat=fixed,force_size=on']],
    ['vhdx', 'vhdx', []],
    ['vdi', 'vdi', []],
    ['qed', 'qed', []],
    ['parallels', 'parallels', []],
    ['raw', 'raw', []],
  ] as const)('%s: format, size, no problem', async (name, format, options) => {
    const output = options.includes('-O' as never) ? [] : ['-O', format];
    run('convert', '-f', 'raw', ...output, ...options, at('source.raw'), at(name));
    expect(await inspect(name)).toMatchObject({ format, virtualSizeBytes: SIZE, problems: [] });
  });

  test('names a backing file', async () => {
    run('create', '-f', 'qcow2', at('base'), '64M');
    run('create', '-f', 'qcow2', '-b', at('base'), '-F', 'qcow2', at('overlay'));
    expect(await inspect('overlay')).toMatchObject({ backingFile: at('base'), problems: [{ kind: 'unsafe' }] });
  });

  test('names an external data file', async () => {
    run('create', '-f', 'qcow2', '-o', `data_file=${at('data')},data_file_raw=on`, at('split'), '64M');
    expect(await inspect('split')).toMatchObject({ dataFile: at('data'), problems: [{ kind: 'unsafe' }] });
  });

  test('names a qed backing file', async () => {
    run('create', '-f', 'qed', '-b', at('source.raw'), '-F', 'raw', at('qed-overlay'));
    expect(await inspect('qed-overlay')).toMatchObject({
      backingFile: at('source.raw'),
      problems: [{ kind: 'unsafe' }],
    });
  });

  test('sees LUKS in and around qcow2', async () => {
    const secret = ['--object', 'secret,id=key,data=swordfish'];
    persistently(
      'create',
      ...secret,
      '-f',
      'qcow2',
      '-o',
      'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=100',
      at('inside'),
      '8M',
    );
    persistently('create', ...secret, '-f', 'luks', '-o', 'key-secret=key,iter-time=100', at('around'), '8M');
    expect(await inspect('inside')).toMatchObject({ format: 'qcow2', encryption: 'luks', problems: [] });
    expect(await inspect('around')).toMatchObject({ format: 'luks', encryption: 'luks', problems: [] });
  }, 60_000);

  test('counts snapshots and still finds the tables sound', async () => {
    run('convert', '-f', 'raw', '-O', 'qcow2', at('source.raw'), at('snapped'));
    run('snapshot', '-c', 'one', at('snapped'));
    expect(await inspect('snapped')).toMatchObject({ problems: [] });
    expect((await inspect('snapped')).features).toContain('snapshots: 1');
  });

  test('notices a truncated qcow2', async () => {
    run('convert', '-f', 'raw', '-O', 'qcow2', at('source.raw'), at('cut'));
    truncateSync(at('cut'), 1_000_000);
    expect(await inspect('cut')).toMatchObject({ problems: [{ kind: 'corrupt' }] });
  });

  test.each(['monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'])('refuses vmdk %s', async (subformat) => {
    run('create', '-f', 'vmdk', '-o', `subformat=${subformat}`, at(`${subformat}.vmdk`), '64M');
    expect(await inspect(`${subformat}.vmdk`)).toMatchObject({ format: 'vmdk', problems: [{ kind: 'unsafe' }] });
  });
});
