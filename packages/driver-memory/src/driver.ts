import { defineDriver, type FacetsAs, type Session } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { createDisks } from './disks.js';
import { createEvents } from './events.js';
import { withFaults } from './faulty-facet.js';
import { createHosts } from './hosts.js';
import { createMachines } from './machines.js';
import { manifest } from './manifest.js';
import { createNics } from './nics.js';
import { narrowingsOf, readOptions } from './options.js';
import { createPower } from './power.js';
import { createSession, type MemorySession } from './session.js';
import { parseTarget } from './target.js';
import { createVolumes } from './volumes.js';
import { clearAway } from './world/clear-away.js';

type Claimed = typeof capabilities;

const facetsOf = (session: MemorySession): FacetsAs<Claimed> => ({
  hosts: withFaults(session, 'hosts', createHosts(session)),
  machines: withFaults(session, 'machines', createMachines(session)),
  power: withFaults(session, 'power', createPower(session)),
  volumes: withFaults(session, 'volumes', createVolumes(session)),
  disks: withFaults(session, 'disks', createDisks(session)),
  nics: withFaults(session, 'nics', createNics(session)),
  events: withFaults(session, 'events', createEvents(session)),
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
    const session = createSession(world, options.visibility ?? 'full', new Set(narrowings.map(({ capability }) => capability)));
    return { facets: facetsOf(session), narrowings, endpointId, close: async () => session.close() };
  },
});
