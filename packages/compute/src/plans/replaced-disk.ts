import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { nextName, partOf } from './next-name.js';

/** The description of a disk that takes another one's place: the same in all but what is given. Pure. */
export function replacedDisk(
  record: InstanceRecord,
  { volume: _volume, ...old }: DiskRecord,
  changes: Partial<DiskRecord> = {},
): DiskRecord {
  return { ...old, volumeName: nextName(record, partOf(record, old)), ...changes };
}
