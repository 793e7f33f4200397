import type { DiskRecord } from '../instance/disk-record.js';
import { ownedDisks, type InstanceRecord } from '../instance/record.js';

/**
 * A name for a volume that takes the place of another one: the same part of the instance, one generation later than all
 * that the record knows. Pure; the same record gives the same name.
 */
export function nextName(record: InstanceRecord, part: string): string {
  const own = `${record.instanceId}-${part}`;
  const generations = ownedDisks(record).flatMap(({ volumeName }) => generationOf(volumeName, own));
  const last = Math.max(0, ...generations);
  return last === 0 ? own : `${own}.${last + 1}`;
}

/** The part of the instance that a disk is: `root`, `ephemeral0`, `swap`, `config` … */
export const partOf = ({ instanceId }: Pick<InstanceRecord, 'instanceId'>, { volumeName, role }: DiskRecord): string =>
  volumeName.startsWith(`${instanceId}-`) ? volumeName.slice(instanceId.length + 1).replace(/\.\d+$/, '') : role;

function generationOf(name: string, own: string): readonly number[] {
  if (name === own) return [1];
  const generation = name.startsWith(`${own}.`) ? Number(name.slice(own.length + 1)) : Number.NaN;
  return Number.isSafeInteger(generation) ? [generation] : [];
}
