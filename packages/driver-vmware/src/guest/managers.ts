import { DriverError, type CallOptions } from '@virt-drivers/core';
import type { PropertyMap } from '@virt-drivers/vsphere';
import type { VmwareSession } from '../session.js';

type Managers = PropertyMap['GuestOperationsManager'];

/** A part of the server's way into guests. Errors: `CAPABILITY.ABSENT`. */
export async function guestManager<K extends 'fileManager' | 'processManager'>(
  { center }: VmwareSession,
  name: K,
  options: CallOptions,
): Promise<NonNullable<Managers[K]>> {
  const { guestOperationsManager: manager } = center.content;
  const about = { what: 'Guest operations', reads: true } as const;
  const found =
    manager && (await center.call(about, options, (vsphere, call) => vsphere.properties.get(manager, [name], call)));
  // Typed by the path, which is a variable here.
  const ref = found?.[name] as Managers[K] | undefined;
  if (ref) return ref;
  throw new DriverError('CAPABILITY.ABSENT', `Guest operations are not there on this endpoint.`);
}
