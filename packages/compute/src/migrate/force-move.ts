import type { CallOptions, OpenDriver } from '@virt-drivers/core';
import { machineOf, present } from '../flows/machine-of.js';
import { migrationOf } from './move-steps.js';

/**
 * Makes a move of a running instance end that is going on, in whatever process leads it, even if its memory changes faster
 * than it is copied: the guest stands still or is slow for the rest. Asked of the side that the instance leaves.
 * Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE` (it does not move), `CAPABILITY.ABSENT`.
 */
export async function forceMove(driver: OpenDriver, instanceId: string, options: CallOptions = {}): Promise<void> {
  const force = present(driver, migrationOf(driver).force, 'migration.force');
  await force((await machineOf(driver, instanceId, options)).id, options);
}
