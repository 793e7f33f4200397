import {
  DriverError,
  isDriverError,
  type CallOptions,
  type MachineId,
  type MachineState,
  type VolumeId,
} from '@virt-drivers/core';
import type { Domains } from './domains.js';

/** One machine's use of a volume. */
export interface Attachment {
  readonly machine: MachineId;
  readonly state: MachineState;
  readonly readOnly: boolean;
  readonly shared: boolean;
  /** libvirt's name of the disk. */
  readonly disk: string;
}

/** Who uses which volume, at one moment. */
export interface Attachments {
  of(volume: VolumeId): readonly Attachment[];
}

const keyOf = ({ pool, key }: VolumeId): string => `${pool}\n${key}`;

/** Reads all machines, for libvirt keeps no index of what uses a file. */
export async function readAttachments(domains: Domains, options: CallOptions): Promise<Attachments> {
  const byVolume = new Map<string, Attachment[]>();
  for await (const machine of domains.machines(await domains.all(options), options)) {
    if (machine === undefined || isDriverError(machine)) continue;
    for (const { volume, readOnly, shared, id } of machine.disks) {
      if (!volume) continue;
      const attachment = { machine: machine.id, state: machine.state, readOnly, shared, disk: id };
      byVolume.set(keyOf(volume), [...(byVolume.get(keyOf(volume)) ?? []), attachment]);
    }
  }
  return { of: (volume) => byVolume.get(keyOf(volume)) ?? [] };
}

/** Refuses an attachment that would let two machines write, or one write below another's feet. */
export function refuseForeignUse(
  volume: VolumeId,
  others: readonly Attachment[],
  wanted: { readonly readOnly: boolean; readonly shared: boolean },
): void {
  const clash = others.find((other) => !(other.readOnly && wanted.readOnly) && !(other.shared && wanted.shared));
  if (!clash) return;
  throw new DriverError(
    'VOLUME.IN_USE',
    `Volume ${volume.key} in pool ${volume.pool} is attached to machine ${clash.machine}. Detach it there, or attach it shared on both.`,
    { subject: volume.key, heldBy: clash.machine },
  );
}
