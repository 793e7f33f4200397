import {
  bytes,
  DriverError,
  type FacetAs,
  type Machine,
  type MigrationPlan,
  type MigrationTicket,
  type Task,
} from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import type { MemorySession } from './session.js';
import { reserve } from './world/arrival.js';
import { timeOn } from './world/clock.js';
import { describeDeparture, readDeparture } from './world/departure.js';
import { worldOf } from './world/endpoints.js';
import { discard, moveMachine } from './world/move-machine.js';
import { obstaclesOf } from './world/obstacles.js';
import type { World } from './world/world.js';

const DRIVER = '@virt-drivers/driver-memory';
const STEPS = 5;
const STEP_MILLISECONDS = 5;

interface TicketDetail {
  readonly endpoint: string;
  readonly reservation: string;
}

const invalid = (message: string): DriverError => new DriverError('MIGRATION.TICKET_INVALID', message);

function readTicket({ driver, expiresAt, detail }: MigrationTicket, now: Date): TicketDetail {
  const isOurs =
    driver === DRIVER &&
    typeof detail === 'object' &&
    detail !== null &&
    'endpoint' in detail &&
    'reservation' in detail;
  if (!isOurs) throw invalid(`Ticket was made by ${driver}; the same driver must prepare the migration.`);
  if (expiresAt <= now) throw invalid('Ticket has expired; prepare the migration again.');
  return { endpoint: String(detail.endpoint), reservation: String(detail.reservation) };
}

function checkSupported(
  session: MemorySession,
  { mode, disks = [], bandwidth, postCopy, encrypt }: MigrationPlan,
): void {
  session.need(`migration.${mode}`);
  if (disks.length > 0) session.need('migration.copyStorage');
  if (bandwidth !== undefined) session.need('migration.bandwidthLimit');
  if (postCopy) session.need('migration.postCopy');
  if (encrypt) session.need('migration.encrypt');
}

/** Copies memory in rounds, then moves; until the last round the machine stays where it is. */
async function move(
  session: MemorySession,
  destination: World,
  plan: MigrationPlan,
  reservation: string,
): Promise<Task<Machine>> {
  const { world } = session;
  const total = await session.change((scene) => {
    const machine = session.idle(scene, plan.machine);
    const [obstacle] = obstaclesOf(scene, machine, plan);
    if (obstacle) throw new DriverError('MIGRATION.INCOMPATIBLE', obstacle.message, { subject: machine.id });
    const totalBytes = machine.memory.sizeBytes;
    machine.busy = { operation: 'migrating' };
    machine.moving = { totalBytes, remainingBytes: totalBytes, iteration: 0 };
    return totalBytes;
  });
  const settle = (): Promise<void> =>
    session.change(({ state }) => {
      delete state.machines[plan.machine]?.busy;
      delete state.machines[plan.machine]?.moving;
    });
  return session.startTask(async (report, signal) => {
    try {
      for (let round = 1; round <= STEPS; round += 1) {
        await timeOn(world.clock, STEP_MILLISECONDS, signal);
        const done = bytes((total * BigInt(round)) / BigInt(STEPS));
        const forced = await session.change(({ state }) => {
          const moving = state.machines[plan.machine]?.moving;
          if (moving) Object.assign(moving, { remainingBytes: total - done, iteration: round });
          return moving?.forced === true;
        });
        report({ fraction: round / STEPS, doneBytes: done, totalBytes: total, phase: 'copy' });
        if (forced) break;
      }
      signal.throwIfAborted();
      return await moveMachine(world, destination, plan, reservation);
    } finally {
      await settle();
    }
  });
}

/** Facet `migration`. Both sides must be open in the same process when they are two worlds. */
export const createMigration = (session: MemorySession): FacetAs<'migration', typeof capabilities.migration> => ({
  check: (plan) => session.look((scene) => obstaclesOf(scene, session.machine(scene, plan.machine), plan)),
  describe: (plan) => session.look((scene) => describeDeparture(scene, session.machine(scene, plan.machine))),
  async prepare(plan, description) {
    checkSupported(session, plan);
    const departure = readDeparture(description);
    return session.change((scene) => {
      const { id, expiresAt } = reserve(scene, plan, departure);
      return {
        version: 1 as const,
        driver: DRIVER,
        expiresAt,
        machineName: departure.name,
        detail: { endpoint: scene.state.endpointId, reservation: id },
      };
    });
  },
  async start(plan, ticket) {
    checkSupported(session, plan);
    const { endpoint, reservation } = readTicket(ticket, session.world.clock.now());
    const destination = worldOf(endpoint);
    if (!destination) throw invalid(`Endpoint ${endpoint} of the ticket is not open in this process; open it first.`);
    return move(session, destination, plan, reservation);
  },
  statistics: (id) =>
    session.look((scene) => {
      const machine = session.machine(scene, id);
      if (!machine.moving) throw wrongState(machine, 'moving');
      const { totalBytes, remainingBytes, iteration } = machine.moving;
      return { memoryTotalBytes: totalBytes, memoryRemainingBytes: remainingBytes, iteration };
    }),
  force: (id) =>
    session.change((scene) => {
      const machine = session.machine(scene, id);
      if (!machine.moving) throw wrongState(machine, 'moving');
      machine.moving.forced = true;
    }),
  discard: (ticket) =>
    session.change((scene) => {
      const { detail } = ticket;
      if (typeof detail === 'object' && detail !== null && 'reservation' in detail)
        discard(scene, String(detail.reservation));
    }),
});
