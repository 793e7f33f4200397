import {
  bytes,
  DriverError,
  type CallOptions,
  type MachineId,
  type MigrationStatistics,
  nanoseconds,
} from '@virt-drivers/core';
import { DomainJobOperation, DomainJobType, domainGetJobStats, type ParameterRecord } from '@virt-drivers/libvirt';
import { aboutMachine, domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';

/** Figures of the outgoing migration of a machine; undefined when none is under way. Errors: `MACHINE.NOT_FOUND`. */
export async function migrationJob(
  { daemon }: LibvirtSession,
  id: MachineId,
  options: CallOptions,
): Promise<ParameterRecord | undefined> {
  const { type, params } = await daemon.call({ ...aboutMachine(id), reads: true }, options, (connection, call) =>
    domainGetJobStats(connection, domainOf(id), 0, call),
  );
  const runs = type === DomainJobType.Bounded || type === DomainJobType.Unbounded;
  return runs && params['operation'] === DomainJobOperation.MigrationOut ? params : undefined;
}

/** The contract's figures. Pure. */
export function statisticsOf(params: ParameterRecord): MigrationStatistics {
  const number = (name: string): bigint | undefined => {
    const value = params[name];
    return typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : undefined;
  };
  const memoryTotal = number('memory_total');
  const memoryRemaining = number('memory_remaining');
  const diskTotal = number('disk_total');
  const diskRemaining = number('disk_remaining');
  const iteration = number('memory_iteration');
  const downtime = number('downtime');
  return {
    ...(memoryTotal === undefined ? {} : { memoryTotalBytes: bytes(memoryTotal) }),
    ...(memoryRemaining === undefined ? {} : { memoryRemainingBytes: bytes(memoryRemaining) }),
    ...(diskTotal === undefined ? {} : { diskTotalBytes: bytes(diskTotal) }),
    ...(diskRemaining === undefined ? {} : { diskRemainingBytes: bytes(diskRemaining) }),
    ...(iteration === undefined ? {} : { iteration: Number(iteration) }),
    ...(downtime === undefined ? {} : { downtime: nanoseconds(downtime * 1_000_000n) }),
  };
}

/** Errors: `MACHINE.WRONG_STATE` when the machine does not move. */
export async function requireJob(
  session: LibvirtSession,
  id: MachineId,
  options: CallOptions,
): Promise<ParameterRecord> {
  const job = await migrationJob(session, id, options);
  if (job) return job;
  throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} does not move now.`, { subject: id });
}
