import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPrograms, PeerUnavailable } from '@virt-drivers/peers';
import { buildImage } from './build-image.js';
import { contentKey } from './content-key.js';
import { withFileLock } from './file-lock.js';
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
  const directory = join(cache, await contentKey(root, ['build', 'rootfs'], [release]));
  const present = await readManifest(directory);
  if (present) return present;

  requireBuildable();
  await mkdir(cache, { recursive: true });
  return withFileLock(join(cache, 'lock'), async () => {
    // Another process may have built it while this one waited.
    const built = await readManifest(directory);
    if (built) return built;
    await removePartialBuilds(cache);
    const partial = await mkdtemp(join(cache, 'partial-'));
    await chmod(partial, 0o755);
    await buildImage({ root, output: partial, packages: join(cache, `packages-${release}`), log });
    await writeManifest(partial);
    await rename(partial, directory);
    const image = await readManifest(directory);
    if (!image) throw new Error(`${directory} was removed while the guest image was being put there.`);
    return image;
  });
}

/** Of builders that died: the lock is ours, so none is at work. */
async function removePartialBuilds(cache: string): Promise<void> {
  const names = await readdir(cache);
  const partial = names.filter((name) => name.startsWith('partial-'));
  await Promise.all(partial.map((name) => rm(join(cache, name), { recursive: true, force: true })));
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
