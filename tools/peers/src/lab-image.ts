import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianRelease, requireBuildable, runBuild, type DebianBuild } from './build-script.js';
import { builtOnce } from './built-once.js';
import { contentKey } from './content-key.js';

/** What the lab machine boots from. */
export interface LabImage {
  readonly kernel: string;
  readonly initrd: string;
  /** An ext4 file system; nothing writes to it. */
  readonly root: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const BUILD: DebianBuild = {
  what: 'lab machine',
  script: join(root, 'lab/build.sh'),
  programs: ['mmdebstrap', 'apt-get', 'dpkg-deb', 'modprobe', 'depmod', 'mke2fs', 'cpio', 'zstd', 'xz', 'flock'],
};

/**
 * The image of the lab machine; about a minute when it is not in the cache yet, `$VIRT_DRIVERS_CACHE/lab-machine` or
 * `.cache/lab-machine` of the repository.
 * @throws PeerUnavailable when it is not there and cannot be built on this machine.
 */
export async function labImage(): Promise<LabImage> {
  const release = await debianRelease(BUILD.what);
  return builtOnce({
    cache: join(process.env.VIRT_DRIVERS_CACHE ?? join(root, '../../.cache'), 'lab-machine'),
    key: await contentKey(root, ['lab'], [release]),
    read: readImage,
    require: () => requireBuildable(BUILD),
    build: (directory) => runBuild(BUILD, directory, release),
  });
}

async function readImage(directory: string): Promise<LabImage | undefined> {
  const image = { root: 'root.img', kernel: 'vmlinuz', initrd: 'initrd.img' };
  try {
    await access(join(directory, image.root));
  } catch {
    return undefined;
  }
  return {
    kernel: join(directory, image.kernel),
    initrd: join(directory, image.initrd),
    root: join(directory, image.root),
  };
}
