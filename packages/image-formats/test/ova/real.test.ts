import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inspectOva, withFile } from '../../src/index.js';
import { describeWithTools, findTool, ovf } from '@virt-drivers/image-corpus';

const tools = {
  qemuImg: findTool('qemu-img', 'qemu-utils'),
  tar: findTool('tar', 'tar'),
  sha256sum: findTool('sha256sum', 'coreutils'),
};

describeWithTools('an OVA made by qemu-img, sha256sum and tar', tools, (tools) => {
  let directory = '';
  const run = (tool: keyof typeof tools, ...args: string[]): string =>
    execFileSync(tools[tool], args, { cwd: directory, encoding: 'utf8', stdio: 'pipe' });
  const files = ['web.ovf', 'disk0.vmdk', 'disk1.vmdk', 'disk2.vmdk'];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'image-formats-ova-'));
    const disks = [1, 2, 3].map((mebibytes, index) => {
      writeFileSync(join(directory, 'raw'), Buffer.alloc(mebibytes * 1_048_576, `disk ${index} `));
      run(
        'qemuImg',
        'convert',
        '-f',
        'raw',
        '-O',
        'vmdk',
        '-o',
        'subformat=streamOptimized',
        'raw',
        `disk${index}.vmdk`,
      );
      return { capacity: String(mebibytes), size: String(statSync(join(directory, `disk${index}.vmdk`)).size) };
    });
    writeFileSync(join(directory, 'web.ovf'), ovf({ disks }));
    writeFileSync(
      join(directory, 'web.mf'),
      run('sha256sum', '--tag', ...files)
        .replaceAll(') = ', ')= ')
        .replaceAll(' (', '('),
    );
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each(['gnu', 'ustar', 'pax'])('in format %s is sound', async (format) => {
    run('tar', `--format=${format}`, '-cf', 'web.ova', ...files, 'web.mf');
    const found = await withFile(join(directory, 'web.ova'), inspectOva);
    expect(found).toMatchObject({ problems: [], hasManifest: true });
    expect(found.disks.map(({ image }) => image?.virtualSizeBytes)).toEqual([1_048_576n, 2_097_152n, 3_145_728n]);
  });

  test('packed in another order is refused', async () => {
    run('tar', '-cf', 'turned.ova', ...[...files].reverse());
    const found = await withFile(join(directory, 'turned.ova'), inspectOva);
    expect(found.problems).toMatchObject([{ kind: 'unsafe' }]);
  });

  test('packed with its folder is refused', async () => {
    run('tar', '-cf', '/dev/null', ...files);
    run('tar', '--transform', 's,^,folder/,', '-cf', 'folder.ova', ...files);
    const found = await withFile(join(directory, 'folder.ova'), inspectOva);
    expect(found.problems).toMatchObject([{ kind: 'unsafe' }]);
  });
});
