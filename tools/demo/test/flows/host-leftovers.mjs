import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The images that the host keeps, and the record that says which of their imports counts. */
const KEPT = /^vd-(image|cached)-/;

const rowsOf = (text, header) =>
  text
    .split('\n')
    .slice(header)
    .map((row) => row.trim().split(/\s+/)[0])
    .filter((name) => name);

async function filesIn(directory) {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return [];
  }
}

/** What the host itself has, asked by its own tools and not by our code. */
export async function hostState(peer) {
  const pools = rowsOf(await peer.virsh(['pool-list', '--name']), 0);
  const volumes = [];
  for (const pool of pools) {
    // What others see in the pool's directory, not what libvirtd remembers of it.
    await peer.virsh(['pool-refresh', pool]);
    volumes.push(...rowsOf(await peer.virsh(['vol-list', pool]), 2).map((name) => `${pool}/${name}`));
  }
  return {
    machines: rowsOf(await peer.virsh(['list', '--all', '--name']), 0),
    volumes: volumes.filter((name) => !KEPT.test(name.split('/')[1])),
    images: volumes.filter((name) => KEPT.test(name.split('/')[1])),
    secrets: rowsOf(await peer.virsh(['secret-list']), 2),
    firmware: await filesIn(join(peer.directory, 'lib/qemu/nvram')),
    saved: await filesIn(join(peer.directory, 'lib/qemu/save')),
    processes: peer.processes().filter(({ name }) => name.startsWith('qemu-system')).length,
  };
}

/** What a host has that nobody left anything on, but for kept images. */
export const NOTHING = { machines: [], volumes: [], secrets: [], firmware: [], saved: [], processes: 0 };

/** The files in pools, by names that do not depend on which instance and which machine they belong to. */
export const filesOf = async (peer, instanceId) =>
  (await hostState(peer)).volumes
    .map((name) => name.replace(instanceId, 'I').replace(/vd-[0-9a-f-]{36}/, 'vd-machine'))
    .sort();

/** Everything but the kept images. */
export async function leftOn(peer) {
  const { images: _images, ...rest } = await hostState(peer);
  return rest;
}
