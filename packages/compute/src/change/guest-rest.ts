import type { CallOptions } from '@virt-drivers/core';
import { present } from '../flows/machine-of.js';
import type { ChangeContext } from './change-context.js';

/** Has the guest bring its file systems to rest. Errors: `CAPABILITY.ABSENT`, `GUEST.UNAVAILABLE`, `GUEST.REFUSED`. */
export async function quiesce(context: ChangeContext, options: CallOptions): Promise<void> {
  const { driver, found } = context;
  context.quiet = await present(driver, driver.guest?.quiesce, 'guest.quiesce')(found.machine.id, options);
}

/** Lets them go on. A guest that was put to rest by a process that died goes on by itself after a while. */
export async function thaw(context: ChangeContext, options: CallOptions): Promise<void> {
  await context.quiet?.thaw(options);
  delete context.quiet;
}

/** Puts the machine's memory away, so that nothing writes to its disks. Errors: `CAPABILITY.ABSENT`, and those of `save`. */
export async function save({ driver, found }: ChangeContext, options: CallOptions): Promise<void> {
  await present(driver, driver.suspension?.save, 'suspension.save')(found.machine.id, options);
}
