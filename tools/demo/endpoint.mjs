import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guestImage } from '@virt-drivers/guest-image';
import { PeerUnavailable, startLibvirt } from '@virt-drivers/peers';
import { writeBlankImage } from './blank-image.mjs';

const image = (path, format, sha256) => ({ path, format, checksum: `sha256:${sha256}` });

/** A libvirtd of our own; `directory` is for what the command line keeps and goes with it. */
export async function onLibvirt(directory) {
  await mkdir(directory, { recursive: true });
  const { qcow2, sha256 } = await guestImage();
  const peer = await startLibvirt();
  return {
    sentence: `Endpoint: a libvirtd of our own, ${peer.uri}`,
    driver: 'libvirt',
    target: peer.uri,
    image: image(qcow2, 'qcow2', sha256.qcow2),
    directory,
    /** What the host itself says is left, asked without our code. */
    leftovers: async () => {
      const [machines, volumes] = await Promise.all([
        peer.virsh(['list', '--all', '--name']),
        peer.virsh(['vol-list', 'default']),
      ]);
      const names = volumes
        .split('\n')
        .slice(2)
        .map((row) => row.trim().split(/\s+/)[0]);
      const guests = peer
        .processes()
        .filter(({ args }) => args[0]?.includes('qemu-system'))
        .map(({ pid }) => `qemu process ${pid}`);
      return [...machines.split('\n'), ...names, ...guests].filter((name) => name);
    },
    stop: async () => {
      await peer.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** The embedded driver, with its world in `directory`. */
export async function onMemory(directory, reason) {
  await mkdir(directory, { recursive: true });
  const { path, sha256 } = await writeBlankImage(join(directory, 'guest.raw'));
  return {
    sentence: `Endpoint: the embedded driver, because ${reason}`,
    driver: 'memory',
    target: `memory://${join(directory, 'world.json')}`,
    image: image(path, 'raw', sha256),
    directory,
    leftovers: async () => [],
    stop: () => rm(directory, { recursive: true }),
  };
}

/** A real hypervisor where one can be started, else the embedded driver, which says why. */
export async function chooseEndpoint(gaps) {
  const directory = await mkdtemp(join(tmpdir(), 'virt-demo-'));
  const [gap] = gaps;
  try {
    return gap
      ? await onMemory(directory, `${gap.what} could not be prepared: ${gap.reason}`)
      : await onLibvirt(directory);
  } catch (error) {
    if (error instanceof PeerUnavailable) return onMemory(directory, error.message);
    await rm(directory, { recursive: true });
    throw error;
  }
}

/** Where the command line finds its drivers in this workspace: the demo has them all as dependencies. */
export const driverPath = fileURLToPath(new URL('.', import.meta.url));
