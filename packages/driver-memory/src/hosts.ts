import { bytes, hertz, type FacetAs } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import type { MemorySession } from './session.js';
import { findHost } from './world/find.js';
import type { Scene } from './world/scene.js';
import type { HostState } from './world/state.js';
import { viewHost } from './world/view.js';

const running = ({ state }: Scene, host: HostState) =>
  Object.values(state.machines).filter(
    (machine) => machine.host === host.id && ['running', 'paused'].includes(machine.state),
  );

/** Facet `hosts`. */
export const createHosts = (session: MemorySession): FacetAs<'hosts', typeof capabilities.hosts> => ({
  list: () =>
    createListing(async function* () {
      yield* await session.look(({ state }) => state.hosts.map(viewHost));
    }),
  get: (id) => session.look((scene) => viewHost(findHost(scene, id))),
  inventory: (id) =>
    session.look((scene) => {
      const { cpuCount, memoryBytes, networks } = findHost(scene, id);
      const reached = scene.state.networks.filter((network) => networks.includes(network.id));
      return { cpuCount, cpuModel: 'Memory', cpuRate: hertz(2_000_000_000), memoryBytes, networks: reached };
    }),
  usage: (id) =>
    session.look((scene) => {
      const machines = running(scene, findHost(scene, id));
      const used = machines.reduce((sum, { memory }) => sum + memory.sizeBytes, 0n);
      return { at: scene.now, memoryUsedBytes: bytes(used), machinesRunning: machines.length };
    }),
});
