import { expect, test } from '@jest/globals';
import type { VirtualDiskFlatVer2BackingInfo } from '@virt-drivers/vsphere';
import { attachedFile, attachedIn, backingChain } from './backing-chain.js';

/** The backing of a disk with these files, its own first. */
function backing(...files: readonly string[]): VirtualDiskFlatVer2BackingInfo | undefined {
  const [fileName, ...below] = files;
  if (fileName === undefined) return undefined;
  const parent = backing(...below);
  return {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName,
    diskMode: 'persistent',
    ...(parent && { parent }),
  };
}

test.each([
  ['a disk without snapshots', ['[a] v/web/web.vmdk'], 0],
  ['one snapshot', ['[a] v/web/web-000001.vmdk', '[a] v/web/web.vmdk'], 1],
  ['several', ['[a] v/web/web-000003.vmdk', '[a] v/web/web-000001.vmdk', '[a] v/web/web.vmdk'], 2],
  ['files in the working directory', ['[b] vd-1/web-000001.vmdk', '[a] v/web/web.vmdk'], 1],
  ['a linked clone', ['[a] v/web/web.vmdk', '[a] images/1/image.vmdk'], 0],
  ['a linked clone after a snapshot', ['[a] v/web/web-000001.vmdk', '[a] v/web/web.vmdk', '[a] i/image.vmdk'], 1],
  ['a linked clone of a template with snapshots', ['[a] c/c.vmdk', '[a] t/t-000001.vmdk', '[a] t/t.vmdk'], 0],
  ['another one of it', ['[a] c/c-000001.vmdk', '[a] t/t-000001.vmdk', '[a] t/t.vmdk'], 0],
  ['a volume that is called like a snapshot’s', ['[a] v/web-000001/web-000001.vmdk', '[a] v/web/web.vmdk'], 0],
  ['its snapshot', ['[a] v/web-000001/web-000002.vmdk', '[a] v/web-000001/web-000001.vmdk'], 1],
  ['its snapshot by another count', ['[a] v/w-000001/w-000001-000001.vmdk', '[a] v/w-000001/w-000001.vmdk'], 1],
  ['a chain that cannot be read to its end', ['[a] v/web/web-000002.vmdk'], 0],
])('%s', (_title, files, index) => {
  const device = backing(...files);
  expect(attachedIn(backingChain(device))).toBe(index);
  expect(attachedFile(device)?.fileName).toBe(files[index]);
});

test('a drive without a medium has none', () => expect(attachedFile(undefined)).toBeUndefined());
