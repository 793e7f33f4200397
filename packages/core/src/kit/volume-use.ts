import { DriverError } from '../errors/driver-error.js';
import type { MachineId } from '../values/identifiers.js';

/** How a machine has a volume, its own or another system's. */
export interface VolumeUse {
  readonly machine: MachineId;
  readonly readOnly: boolean;
  /** The machine said that others may have the volume, too. */
  readonly shared: boolean;
}

/**
 * Refuses an attachment that would let two machines write, or one write what another reads: all have to read only, or all
 * have to say that they share. `others` are the uses by other machines; `what` begins the error's sentence. Errors:
 * `VOLUME.IN_USE`.
 */
export function refuseForeignUse(
  about: { readonly what: string; readonly subject: string },
  others: readonly VolumeUse[],
  wanted: Omit<VolumeUse, 'machine'>,
): void {
  const clash = others.find((other) => !(other.readOnly && wanted.readOnly) && !(other.shared && wanted.shared));
  if (!clash) return;
  const { machine: heldBy } = clash;
  const message = `${about.what} is attached to machine ${heldBy}. Detach it there, or attach it shared on both.`;
  throw new DriverError('VOLUME.IN_USE', message, { subject: about.subject, heldBy });
}
