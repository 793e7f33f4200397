import { DriverError, type Condition, type ErrorDetails, type Machine } from '@virt-drivers/core';

/** A condition of the manifest that a call breaks. */
export const unmet = (subject: string, condition: Condition): DriverError =>
  new DriverError('CAPABILITY.CONDITION_UNMET', `${subject} does not meet a condition: ${condition.reason}`, {
    condition,
  });

/** The machine's state does not allow the call. */
export const wrongState = (machine: Pick<Machine, 'id' | 'name' | 'state'>, wanted: string): DriverError =>
  new DriverError(
    'MACHINE.WRONG_STATE',
    `Machine "${machine.name}" (${machine.id}) is ${machine.state}, but must be ${wanted} for this.`,
    { subject: machine.id, native: { code: 'state', message: machine.state } },
  );

/** Nothing has this id. */
export const notFound = (
  code: `${'HOST' | 'MACHINE' | 'POOL' | 'VOLUME' | 'DISK' | 'NETWORK' | 'NIC' | 'SNAPSHOT' | 'TASK'}.NOT_FOUND`,
  what: string,
  id: string,
): DriverError => new DriverError(code, `${what} ${id} does not exist; list what is there.`, { subject: id });

/** The pool cannot take that much. */
export const poolFull = (pool: string, wanted: bigint, free: bigint): DriverError =>
  new DriverError(
    'POOL.FULL',
    `Pool ${pool} has ${free} bytes free, but ${wanted} are needed; delete volumes or use another pool.`,
    {
      subject: pool,
    },
  );

/** The request contradicts what was asked or is there. */
export const conflict = (message: string, details: ErrorDetails = {}): DriverError =>
  new DriverError('REQUEST.CONFLICT', message, details);
