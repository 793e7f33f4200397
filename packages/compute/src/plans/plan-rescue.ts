import type { ChangePlan } from '../change/change-plan.js';
import type { Layout } from '../change/layout.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import type { PlannedImage } from '../disks/plan-disks.js';
import { nextName } from './next-name.js';
import { refusePlan, refuseUnsettled } from './plan-error.js';

/** What a rescue starts from. */
export interface RescueInput {
  readonly record: InstanceRecord;
  readonly layout: Layout;
  readonly image: PlannedImage;
}

/**
 * A rescue: the instance starts from a disk of its own made from a rescue image, with all its disks behind that one. They
 * are neither copied nor changed by it. Pure. Errors: `REQUEST.CONFLICT` (rescued already, or a resize is not confirmed).
 */
export function planRescue({ record, layout, image }: RescueInput): ChangePlan {
  refuseUnsettled(record);
  const rescue = rescueDisk(record, rootOf(record, layout), image);
  return {
    flow: 'rescue',
    before: layout,
    after: { ...layout, disks: [rescue, ...layout.disks], power: 'running' },
    create: [{ disk: rescue, from: { kind: 'image' } }],
    remove: [],
    record: { rescued: true },
  };
}

/** The end of a rescue: the rescue disk goes. Pure. Errors: `REQUEST.CONFLICT` (not rescued). */
export function planUnrescue({ record, layout }: Omit<RescueInput, 'image'>): ChangePlan {
  if (!record.rescued) throw refusePlan(record, 'does not run from a rescue disk', 'REQUEST.CONFLICT');
  const remove = layout.disks.filter(({ role }) => role === 'rescue');
  const disks = layout.disks.filter(({ role }) => role !== 'rescue');
  return {
    flow: 'unrescue',
    before: layout,
    after: { ...layout, disks, power: 'running' },
    create: [],
    remove,
    record: { rescued: false },
  };
}

function rootOf(record: InstanceRecord, { disks }: Layout): DiskRecord {
  const root = disks.find(({ role }) => role === 'root');
  if (root) return root;
  throw refusePlan(record, 'has no root disk');
}

function rescueDisk(
  record: InstanceRecord,
  root: DiskRecord,
  { sha256, format, virtualSizeBytes }: PlannedImage,
): DiskRecord {
  return {
    role: 'rescue',
    owned: true,
    pool: root.pool,
    volumeName: nextName(record, 'rescue'),
    origin: { kind: 'image', sha256, format },
    sizeBytes: String(virtualSizeBytes),
    ...(root.format && { format: root.format }),
    ...(root.serial !== undefined && { serial: root.serial.replace('root', 'rescue') }),
    attachment: { device: 'disk', bus: root.attachment?.bus ?? 'paravirtual' },
  };
}
