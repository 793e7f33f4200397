import {
  bytes,
  DriverError,
  type CallOptions,
  type Machine,
  type MachineId,
  type MigrationStatistics,
} from '@virt-drivers/core';
import type { VmwareSession } from '../session.js';

/** The moves that are under way. */
export interface Moves {
  /** Runs a move, which `statistics` knows of meanwhile. */
  during<T>(machine: Machine, copiedBytes: bigint, run: () => Promise<T>): Promise<T>;
  /** Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE` (does not move). */
  statistics(id: MachineId, options: CallOptions): Promise<MigrationStatistics>;
}

/** Tasks that move a machine, as vSphere names them. */
const MOVING = /^VirtualMachine\.(relocate|migrate|hotMigrate)$/;

/** Knows the moves of this session, and asks the server for those of others. */
export function createMoves(session: VmwareSession): Moves {
  const own = new Map<MachineId, MigrationStatistics>();
  return {
    async during(machine, copiedBytes, run) {
      const memory = machine.state === 'running' && { memoryTotalBytes: machine.memory.sizeBytes };
      own.set(machine.id, { ...memory, ...(copiedBytes > 0n && { diskTotalBytes: bytes(copiedBytes) }) });
      try {
        return await run();
      } finally {
        own.delete(machine.id);
      }
    },
    async statistics(id, options) {
      const known = own.get(id);
      if (known) return known;
      const { machine } = await session.machines.view(id, options);
      if (await isMoving(session, id, options)) return { memoryTotalBytes: machine.memory.sizeBytes };
      throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} does not move.`, { subject: id });
    },
  };
}

async function isMoving({ machines, center }: VmwareSession, id: MachineId, options: CallOptions): Promise<boolean> {
  const { recentTask = [] } = await machines.call(id, { reads: true }, options, (ref, vsphere, call) =>
    vsphere.properties.get(ref, ['recentTask'], call),
  );
  const reading = center.stream({ what: `Tasks of machine ${id}`, reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: recentTask, type: 'Task', paths: ['info.descriptionId', 'info.state'] }, call),
  );
  for await (const { properties } of reading) {
    const { 'info.descriptionId': kind = '', 'info.state': state } = properties;
    if (MOVING.test(kind) && (state === 'running' || state === 'queued')) return true;
  }
  return false;
}
