import type { ChangePlan, NewDisk } from '../change/change-plan.js';
import type { Layout } from '../change/layout.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import type { PlannedImage } from '../disks/plan-disks.js';
import { refusePlan, refuseUnsettled } from './plan-error.js';
import { replacedDisk } from './replaced-disk.js';

/** What a rebuild starts from. */
export interface RebuildInput {
  readonly record: InstanceRecord;
  readonly layout: Layout;
  readonly image: PlannedImage & { readonly name: string };
  /** Ephemeral and swap disks stay as they are, with what they hold. Default false: they are blank afterwards. */
  readonly keepEphemerals?: boolean;
}

/**
 * A rebuild: a new root disk from an image, of the old one's size, format and pool; ephemeral and swap disks blank, or kept.
 * Attached volumes and the config drive stay. The old disks go when the new ones run. Pure.
 * Errors: `REQUEST.INVALID` (the image is larger than the root disk), `REQUEST.CONFLICT` (rescued, or not confirmed).
 */
export function planRebuild({ record, layout, image, keepEphemerals = false }: RebuildInput): ChangePlan {
  refuseUnsettled(record);
  const create: NewDisk[] = [];
  const renewed = (disk: DiskRecord): DiskRecord => {
    if (disk.role === 'root') return push(create, rootFrom(record, disk, image), 'image');
    if (keepEphemerals || (disk.role !== 'ephemeral' && disk.role !== 'swap')) return disk;
    return push(create, replacedDisk(record, disk), 'blank');
  };
  if (image.further)
    throw refusePlan(record, 'can be rebuilt from an image of one disk; destroy and spawn it for this one');
  // Further disks of the old image belong to its root disk.
  const disks = layout.disks.filter(({ role }) => role !== 'image').map(renewed);
  const remove = layout.disks.filter((disk) => !disks.includes(disk));
  return {
    flow: 'rebuild',
    before: layout,
    after: { ...layout, disks },
    create,
    remove,
    record: { image: { name: image.name, sha256: image.sha256, format: image.format } },
  };
}

function push(create: NewDisk[], disk: DiskRecord, kind: 'image' | 'blank'): DiskRecord {
  create.push({ disk, from: { kind } });
  return disk;
}

function rootFrom(record: InstanceRecord, root: DiskRecord, image: PlannedImage): DiskRecord {
  if (BigInt(root.sizeBytes) < image.virtualSizeBytes) {
    const sizes = `has a root disk of ${root.sizeBytes} bytes and the image needs ${image.virtualSizeBytes}`;
    throw refusePlan(record, `${sizes}; resize it first`);
  }
  return replacedDisk(record, root, { origin: { kind: 'image', sha256: image.sha256, format: image.format } });
}
