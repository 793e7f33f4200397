import {
  DriverError,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type MigrationObstacle,
  type MigrationPlan,
} from '@virt-drivers/core';
import { DomainXmlFlags, domainListAllSnapshots, domainMigrateSetMaxDowntime } from '@virt-drivers/libvirt';
import type { capabilities } from '../capabilities.js';
import { aboutMachine, domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { discardArrival, prepareArrival } from './arrival.js';
import { describeDeparture } from './departure.js';
import { requireJob, statisticsOf } from './job.js';
import { startMove } from './move.js';
import { obstaclesOf } from './obstacles.js';
import { switchOver } from './progress.js';

/** QEMU's longest: a guest that may stand still as long as it takes always converges. */
const ANY_DOWNTIME_MILLISECONDS = 2_000_000n;

/** Facet `migration`: between two daemons, led by this program or by the source. */
export function createMigration(session: LibvirtSession): FacetAs<'migration', typeof capabilities.migration> {
  const check = async (plan: MigrationPlan, options: CallOptions): Promise<readonly MigrationObstacle[]> => {
    const view = await session.domains.view(plan.machine, options);
    const [document, snapshots] = await Promise.all([
      session.domains.document(view.domain, options, DomainXmlFlags.Inactive),
      countSnapshots(session, plan.machine, options),
    ]);
    return obstaclesOf({ view, document, snapshots }, plan);
  };

  return {
    check: (plan, options = {}) => check(plan, options),
    describe: (plan, options = {}) => describeDeparture(session, plan.machine, options),
    prepare: (plan, description, options = {}) => prepareArrival(session, plan, description, options),
    async start(plan, ticket, options = {}) {
      const [obstacle] = await check(plan, options);
      if (obstacle) throw new DriverError('MIGRATION.INCOMPATIBLE', obstacle.message, { subject: plan.machine });
      return startMove(session, plan, ticket);
    },
    statistics: async (id, options = {}) => statisticsOf(await requireJob(session, id, options)),
    async force(id, options = {}) {
      await requireJob(session, id, options);
      // Works only where the migration was started for it; otherwise the guest stands still for the rest.
      if (await switchOver(session, id)) return;
      await session.daemon.call(aboutMachine(id), options, (connection, call) =>
        domainMigrateSetMaxDowntime(connection, domainOf(id), ANY_DOWNTIME_MILLISECONDS, 0, call),
      );
    },
    discard: (ticket, options = {}) => discardArrival(session, ticket, options),
  };
}

async function countSnapshots({ daemon }: LibvirtSession, id: MachineId, options: CallOptions): Promise<number> {
  const snapshots = await daemon.call({ ...aboutMachine(id), reads: true }, options, (connection, call) =>
    domainListAllSnapshots(connection, domainOf(id), 0, call),
  );
  return snapshots.length;
}
