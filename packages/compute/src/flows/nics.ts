import type { CallOptions, Nic, NicId, NicSpec, OpenDriver } from '@virt-drivers/core';
import { runSteps } from '@virt-drivers/core/kit';
import { changeable } from '../change/run-change.js';
import { callOf, type FlowOptions } from './flow-options.js';

/**
 * Gives an instance one more nic, running or not. With an address that one of its nics has already, in the same way: that
 * nic. A nic belongs to its machine, so nothing is left when this is interrupted: it is there or it is not.
 * Errors: `MACHINE.NOT_FOUND`, `MACHINE.BUSY`, and those of `nics.attach`.
 */
export async function attachNic(
  driver: OpenDriver,
  instanceId: string,
  nic: NicSpec,
  options: FlowOptions = {},
): Promise<Nic> {
  const { onProgress: _onProgress, ...stepOptions } = options;
  const { machine } = await changeable(driver, instanceId, options);
  const before = new Set(machine.nics.map(({ id }) => id));
  let attached: Nic | undefined;
  // The answer may be lost: what is there and was not before is ours.
  const undo = async (_context: object, call: CallOptions): Promise<void> => {
    const { nics } = await driver.machines.get(machine.id, call);
    const ours = nics.find(({ id, macAddress }) => !before.has(id) && (nic.macAddress ?? macAddress) === macAddress);
    if (ours) await driver.nics.detach(machine.id, ours.id, call);
  };
  const run = async (_context: object, call: CallOptions): Promise<void> => {
    attached = await driver.nics.attach(machine.id, nic, call);
  };
  await runSteps([{ name: 'attach nic', run, undo }], {}, stepOptions);
  if (attached) return attached;
  throw new Error(`Instance ${instanceId} got a nic and nobody saw which.`);
}

/** Takes a nic away. Succeeds when it is not there. Errors: `MACHINE.NOT_FOUND`, `MACHINE.BUSY`, and those of `nics.detach`. */
export async function detachNic(
  driver: OpenDriver,
  instanceId: string,
  nic: NicId,
  options: FlowOptions = {},
): Promise<void> {
  const { machine } = await changeable(driver, instanceId, options);
  await driver.nics.detach(machine.id, nic, callOf(options));
}
