import { defineDriver, type FacetsAs, type Session } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { createConsoles } from './consoles.js';
import { createDiagnostics } from './diagnostics.js';
import { createDisks } from './disks.js';
import { createEncryption } from './encryption.js';
import { createEvents } from './events.js';
import { withFaults } from './faulty-facet.js';
import { createGuest } from './guest.js';
import { createHosts } from './hosts.js';
import { createImages } from './images.js';
import { createMachines } from './machines.js';
import { createMaintenance } from './maintenance.js';
import { manifest } from './manifest.js';
import { createMigration } from './migration.js';
import { createNics } from './nics.js';
import { narrowingsOf, readOptions } from './options.js';
import { createPassthrough } from './passthrough.js';
import { createPower } from './power.js';
import { createRemoteVolumes } from './remote-volumes.js';
import { createSession, type MemorySession } from './session.js';
import { createShares } from './shares.js';
import { createSnapshots } from './snapshots.js';
import { createSuspension } from './suspension.js';
import { parseTarget } from './target.js';
import { createTasks } from './tasks.js';
import { createVolumes } from './volumes.js';
import { clearAway } from './world/clear-away.js';
import { announce } from './world/endpoints.js';

type Claimed = typeof capabilities;

const facetsOf = (session: MemorySession): FacetsAs<Claimed> => ({
  hosts: withFaults(session, 'hosts', createHosts(session)),
  machines: withFaults(session, 'machines', createMachines(session)),
  power: withFaults(session, 'power', createPower(session)),
  volumes: withFaults(session, 'volumes', createVolumes(session)),
  disks: withFaults(session, 'disks', createDisks(session)),
  nics: withFaults(session, 'nics', createNics(session)),
  events: withFaults(session, 'events', createEvents(session)),
  suspension: withFaults(session, 'suspension', createSuspension(session)),
  snapshots: withFaults(session, 'snapshots', createSnapshots(session)),
  consoles: withFaults(session, 'consoles', createConsoles(session)),
  guest: withFaults(session, 'guest', createGuest(session)),
  migration: withFaults(session, 'migration', createMigration(session)),
  images: withFaults(session, 'images', createImages(session)),
  diagnostics: withFaults(session, 'diagnostics', createDiagnostics(session)),
  maintenance: withFaults(session, 'maintenance', createMaintenance(session)),
  passthrough: withFaults(session, 'passthrough', createPassthrough(session)),
  shares: withFaults(session, 'shares', createShares(session)),
  encryption: withFaults(session, 'encryption', createEncryption(session)),
  remoteVolumes: withFaults(session, 'remoteVolumes', createRemoteVolumes(session)),
  tasks: withFaults(session, 'tasks', createTasks(session)),
});

/** The reference driver: every facet of the contract, over a world that exists only in memory or in a file. */
export const driver = defineDriver({
  manifest,
  async open({ target, options: given }): Promise<Session<Claimed>> {
    const { query, world: worldOf } = parseTarget(target);
    const options = readOptions(given, query);
    const narrowings = narrowingsOf(options);
    const world = options.world ?? worldOf();
    for (const fault of options.faults ?? []) world.faults.inject(fault);
    const endpointId = await world.change(clearAway);
    announce(endpointId, world);
    const session = createSession(
      world,
      options.visibility ?? 'full',
      new Set(narrowings.map(({ capability }) => capability)),
    );
    return { facets: facetsOf(session), narrowings, endpointId, close: async () => session.close() };
  },
});
