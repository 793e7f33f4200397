import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePeer } from '@virt-drivers/peers';
import { onLibvirt, onMemory } from '../endpoint.mjs';
import { createVirt } from '../virt.mjs';

/** The endpoints that the command line is tried on: the embedded one, and a real one where it can be started. */
export async function endpoints() {
  const directory = await mkdtemp(join(tmpdir(), 'virt-test-'));
  const memory = await onMemory(join(directory, 'memory'), 'it is tested too');
  const libvirt = await requirePeer(() => onLibvirt(join(directory, 'libvirt')));
  const all = [memory, ...(libvirt ? [libvirt] : [])];
  return {
    all: all.map((endpoint) => ({ name: endpoint.driver, endpoint, virt: createVirt(endpoint) })),
    stop: async () => {
      await Promise.all(all.map((endpoint) => endpoint.stop()));
      await rm(directory, { recursive: true });
    },
  };
}

/** All that our command line and the host itself say is there. */
export async function everything({ virt, endpoint }) {
  const machines = (await virt.run('list', '--all')).map(({ name }) => name);
  // Images are kept on purpose, for the next instance; what nothing uses goes when it is asked to.
  if ((await virt.run('drivers', '--endpoint')).capabilities.images) await virt.run('image', 'remove', '--unused');
  const volumes = (await virt.run('volume', 'list')).map(({ name }) => name);
  return { machines, volumes, host: await endpoint.leftovers() };
}

export const NOTHING = { machines: [], volumes: [], host: [] };
