import { DriverError, type ErrorCode } from '@virt-drivers/core';
import type { InstanceRecord } from '../instance/record.js';

/** A refusal by a planner: nothing was touched. */
export const refusePlan = (
  { instanceId }: Pick<InstanceRecord, 'instanceId'>,
  what: string,
  code: ErrorCode = 'REQUEST.INVALID',
): DriverError => new DriverError(code, `Instance ${instanceId} ${what}.`, { subject: instanceId });

/** Refuses while a rescue or an unconfirmed resize is in the way. */
export function refuseUnsettled(record: InstanceRecord): void {
  if (record.rescued) throw refusePlan(record, 'runs from a rescue disk; unrescue it first', 'REQUEST.CONFLICT');
  if (record.kept)
    throw refusePlan(record, 'was resized and that is not confirmed; confirm or revert it first', 'REQUEST.CONFLICT');
}
