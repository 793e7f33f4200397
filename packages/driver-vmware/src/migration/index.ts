import { DriverError, hostId, type FacetAs } from '@virt-drivers/core';
import type { capabilities } from '../capabilities.js';
import type { VmwareSession } from '../session.js';
import { checkMove } from './check.js';
import { startMove } from './move.js';
import { createMoves } from './moves.js';
import { refuseLackOfSpace } from './room.js';
import { planRoute } from './route.js';
import { checkTicket, makeTicket, readDescription, readTicket } from './ticket.js';

/** Facet `migration`: between the hosts, clusters and datastores of one vCenter, which does the work. */
export function createMigration(session: VmwareSession): FacetAs<'migration', typeof capabilities.migration> {
  const { machines, endpoint } = session;
  const moves = createMoves(session);
  return {
    check: async (plan, options = {}) => checkMove(session, await machines.view(plan.machine, options), plan, options),
    async describe({ machine }, options = {}) {
      const { name } = (await machines.view(machine, options)).machine;
      return { version: 1, endpoint: endpoint.id, machine, name };
    },
    async prepare(plan, description, options = {}) {
      const { endpoint: source, machine, name } = readDescription(description);
      if (source !== endpoint.id) {
        const text = `Machine ${machine} is of another vCenter (${source}); this driver moves within one. Export its volumes instead.`;
        throw new DriverError('MIGRATION.INCOMPATIBLE', text, { subject: machine });
      }
      const view = await machines.view(plan.machine, options);
      const { place, room } = await planRoute(session, view, plan, options);
      await refuseLackOfSpace(session, room, options);
      return makeTicket(name, { endpoint: endpoint.id, machine, host: place.id });
    },
    async start(plan, ticket, options = {}) {
      const { host } = readTicket(ticket, endpoint.id, plan.machine);
      const view = await machines.view(plan.machine, options);
      const decided = { ...plan, host: plan.host ?? hostId(host) };
      const [obstacle] = await checkMove(session, view, decided, options);
      if (obstacle) throw new DriverError('MIGRATION.INCOMPATIBLE', obstacle.message, { subject: plan.machine });
      return startMove(session, moves, view, await planRoute(session, view, decided, options));
    },
    statistics: (id, options = {}) => moves.statistics(id, options),
    async discard(ticket) {
      // Nothing was made: vCenter makes room itself when the move begins.
      checkTicket(ticket);
    },
  };
}
