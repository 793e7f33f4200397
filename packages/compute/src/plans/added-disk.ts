import type { Bytes } from '@virt-drivers/core';
import { serialOf } from '../disks/disk-serial.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { nextName } from './next-name.js';

/** The description of one more disk of an instance, made like its root disk. Pure. */
export function addedDisk(
  record: InstanceRecord,
  disks: readonly DiskRecord[],
  { role, part, sizeBytes }: { readonly role: 'ephemeral' | 'swap'; readonly part: string; readonly sizeBytes: Bytes },
): DiskRecord {
  const root = disks.find((disk) => disk.role === 'root');
  const hasSerials = root?.serial !== undefined;
  return {
    role,
    owned: true,
    pool: root?.pool ?? record.pool,
    volumeName: nextName(record, part),
    origin: { kind: 'blank' },
    sizeBytes: String(sizeBytes),
    ...(root?.format && { format: root.format }),
    ...(hasSerials && { serial: serialOf(record.instanceId, part) }),
    attachment: { device: 'disk', bus: root?.attachment?.bus ?? 'paravirtual' },
  };
}
