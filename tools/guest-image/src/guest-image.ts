import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtOnce, contentKey, missingPrograms, PeerUnavailable } from '@virt-drivers/peers';
import { buildImage } from './build-image.js';
import { readManifest, writeManifest, type GuestImage } from './manifest.js';

export interface GuestImageOptions {
  /** Gets every line that a build prints; none when the image is there already. */
  readonly log?: (line: string) => void;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = 'apt-get apt-cache dpkg-deb mcopy syslinux cpio zstd xz mke2fs qemu-img readelf objcopy depmod flock';

/**
 * The small guest that tests boot. Built once for this content of build/ and rootfs/ on this Debian release, by one
 * process at a time; kept in `$VIRT_DRIVERS_CACHE/guest-image`, or in `.cache/guest-image` of the repository.
 * @throws PeerUnavailable when it is not there and cannot be built on this machine.
 */
export async function guestImage({ log = () => undefined }: GuestImageOptions = {}): Promise<GuestImage> {
  const release = await debianRelease();
  const cache = join(process.env.VIRT_DRIVERS_CACHE ?? join(root, '../../.cache'), 'guest-image');
  return builtOnce({
    cache,
    key: await contentKey(root, ['build', 'rootfs'], [release]),
    read: readManifest,
    require: requireBuildable,
    async build(directory) {
      await buildImage({ root, output: directory, packages: join(cache, `packages-${release}`), log });
      await writeManifest(directory);
    },
  });
}

function requireBuildable(): void {
  if (process.arch !== 'x64') throw unavailable(`it is built for x86-64, not ${process.arch}`, 'Use another machine.');
  const missing = missingPrograms(programs.split(' '));
  if (missing.length > 0) throw unavailable(`${missing.join(', ')} not found in PATH`, 'Run `npm run setup` as root.');
}

async function debianRelease(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1];
  if (!codename) throw unavailable('this is no Debian system', 'It is made of Debian packages.');
  return codename;
}

function unavailable(reason: string, hint: string): PeerUnavailable {
  return new PeerUnavailable('guest image', reason, hint);
}
