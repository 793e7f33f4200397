import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtOnce } from './built-once.js';
import { contentKey } from './content-key.js';
import { PeerUnavailable } from './peer-unavailable.js';
import { missingPrograms, searchPath } from './prerequisites.js';

/** What the lab machine boots from. */
export interface LabImage {
  readonly kernel: string;
  readonly initrd: string;
  /** An ext4 file system; nothing writes to it. */
  readonly root: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = ['mmdebstrap', 'apt-get', 'dpkg-deb', 'modprobe', 'depmod', 'mke2fs', 'cpio', 'zstd', 'xz', 'flock'];

/**
 * The image of the lab machine; about a minute when it is not in the cache yet, `$VIRT_DRIVERS_CACHE/lab-machine` or
 * `.cache/lab-machine` of the repository.
 * @throws PeerUnavailable when it is not there and cannot be built on this machine.
 */
export async function labImage(): Promise<LabImage> {
  const release = await debianRelease();
  return builtOnce({
    cache: join(process.env.VIRT_DRIVERS_CACHE ?? join(root, '../../.cache'), 'lab-machine'),
    key: await contentKey(root, ['lab'], [release]),
    read: readImage,
    require: requireBuildable,
    build: (directory) => build(directory, release),
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

function requireBuildable(): void {
  if (process.arch !== 'x64') throw unavailable(`it is built for x86-64, not ${process.arch}`, 'Use another machine.');
  if (process.getuid?.() !== 0) throw unavailable('not running as root', 'Run as root once, to build it.');
  const missing = missingPrograms(programs);
  if (missing.length > 0) throw unavailable(`${missing.join(', ')} not found in PATH`, 'Run `npm run setup` as root.');
}

async function debianRelease(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1];
  if (!codename) throw unavailable('this is no Debian system', 'It is made of Debian packages.');
  return codename;
}

/** Its last lines are in the error when it fails. */
async function build(directory: string, release: string): Promise<void> {
  const last: string[] = [];
  const child = spawn('bash', [join(root, 'lab/build.sh'), directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: searchPath(), RELEASE: release },
  });
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
    });
  }
  const [status]: unknown[] = await once(child, 'close');
  if (status !== 0) throw new Error(`The build of the lab machine ended with ${String(status)}:\n${last.join('\n')}`);
}

const unavailable = (reason: string, hint: string) => new PeerUnavailable('lab machine', reason, hint);
