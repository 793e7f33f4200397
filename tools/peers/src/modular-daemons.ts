import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianRelease, requireBuildable, runBuild, type DebianBuild } from './build-script.js';
import { builtOnce } from './built-once.js';
import { contentKey } from './content-key.js';
import type { LibvirtPeer } from './libvirt-peer.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const BUILD: DebianBuild = {
  what: "libvirt's modular daemons",
  script: join(root, 'modular/build.sh'),
  programs: ['mmdebstrap', 'apt-get', 'dpkg-query', 'tar', 'xz', 'strip', 'flock', 'libvirtd'],
};

/** Programs of libvirt's that Debian does not package. */
export interface ModularDaemons {
  /** For QEMU's machines alone. */
  readonly virtqemud: string;
  /** Passes on what clients of the one daemon for everything ask for. */
  readonly virtproxyd: string;
}

/**
 * libvirt's modular daemons, built from source; ten minutes when they are not in the cache yet,
 * `$VIRT_DRIVERS_CACHE/modular-daemons` or `.cache/modular-daemons` of the repository.
 * @throws PeerUnavailable when they are not there and cannot be built on this machine.
 */
export async function modularDaemons(): Promise<ModularDaemons> {
  const release = await debianRelease(BUILD.what);
  return builtOnce({
    cache: join(process.env.VIRT_DRIVERS_CACHE ?? join(root, '../../.cache'), 'modular-daemons'),
    key: await contentKey(root, ['modular'], [release]),
    read: readDaemons,
    require: () => requireBuildable(BUILD),
    build: (directory) => runBuild(BUILD, directory, release),
  });
}

async function readDaemons(directory: string): Promise<ModularDaemons | undefined> {
  const daemons = { virtqemud: join(directory, 'virtqemud'), virtproxyd: join(directory, 'virtproxyd') };
  try {
    await access(daemons.virtproxyd);
  } catch {
    return undefined;
  }
  return daemons;
}

/** Has modular daemons serve a peer instead of its libvirtd; they end with it. */
export async function serveModular(peer: LibvirtPeer): Promise<void> {
  const { virtqemud, virtproxyd } = await modularDaemons();
  await peer.kill9();
  // What the other daemon left would be taken for a running one's.
  await peer.exec('sh', ['-c', 'rm -f /run/libvirtd.pid /run/libvirt/libvirt-sock*']);
  await peer.exec(virtqemud, ['--daemon']);
  await peer.exec(virtproxyd, ['--daemon']);
}
