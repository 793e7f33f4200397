import type { Bytes, CpuSpec, MemorySpec } from '@virt-drivers/core';
import type { ChangePlan, NewDisk } from '../change/change-plan.js';
import type { Layout } from '../change/layout.js';
import { shapeOf } from '../change/machine-shape.js';
import type { MachineShape } from '../instance/change-record.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { refusePlan, refuseUnsettled } from './plan-error.js';
import { addedDisk } from './added-disk.js';
import { replacedDisk } from './replaced-disk.js';

/** What an instance shall be like; what is absent stays. */
export interface ResizeWish {
  readonly cpu?: CpuSpec;
  readonly memory?: MemorySpec;
  readonly root?: Bytes;
  /** In their order; there may be more than before, and not fewer. */
  readonly ephemerals?: readonly Bytes[];
  /** The new swap disk is blank; `null` takes it away. */
  readonly swap?: Bytes | null;
}

/** What a resize starts from. */
export interface ResizeInput {
  readonly record: InstanceRecord;
  readonly layout: Layout;
  readonly wish: ResizeWish;
}

/**
 * A resize: when a disk grows, all of root and ephemeral disks are copied at one moment and the copies grow, so that the
 * old ones are a whole to go back to; swap is made anew. Without larger disks only the machine changes. The old disks are
 * kept until the resize is confirmed or reverted. Pure.
 * Errors: `VOLUME.CANNOT_SHRINK`, `REQUEST.INVALID` (fewer disks, nothing to change), `REQUEST.CONFLICT`.
 */
export function planResize({ record, layout, wish }: ResizeInput): ChangePlan {
  refuseUnsettled(record);
  const machine: MachineShape = {
    ...layout.machine,
    ...(wish.cpu && { cpu: wish.cpu }),
    ...(wish.memory && { memory: shapeOf({ cpu: { count: 0 }, memory: wish.memory }).memory }),
  };
  const create = newDisks(record, layout, wish);
  const disks = placed(layout.disks, create, wish);
  const changes = JSON.stringify(machine) !== JSON.stringify(layout.machine) || disks !== layout.disks;
  if (!changes) throw refusePlan(record, 'is of that size already');
  return {
    flow: 'resize',
    before: layout,
    after: { ...layout, machine, disks },
    create: create.map(({ disk, from }) => ({ disk, from })),
    remove: [],
    record: { kept: { machine: layout.machine, disks: [...layout.disks] } },
  };
}

const KEEPS_CONTENT: readonly DiskRecord['role'][] = ['root', 'image', 'ephemeral'];

interface Placed extends NewDisk {
  /** The disk whose place it takes; absent for one more. */
  readonly instead?: DiskRecord;
}

function newDisks(record: InstanceRecord, { disks }: Layout, wish: ResizeWish): readonly Placed[] {
  const ephemerals = disks.filter(({ role }) => role === 'ephemeral');
  const sizes = wish.ephemerals ?? [];
  if (wish.ephemerals && sizes.length < ephemerals.length)
    throw refusePlan(record, `has ${ephemerals.length} ephemeral disks; they cannot become fewer`);
  const wished = (disk: DiskRecord): bigint =>
    BigInt((disk.role === 'root' ? wish.root : sizes[ephemerals.indexOf(disk)]) ?? disk.sizeBytes);
  const copied = disks.filter(({ role }) => KEEPS_CONTENT.includes(role));
  for (const disk of copied) refuseSmaller(record, disk, wished(disk));
  const grows = copied.some((disk) => wished(disk) > BigInt(disk.sizeBytes));
  const copies = copied.map((disk) => ({
    disk: replacedDisk(record, disk, { sizeBytes: String(wished(disk)) }),
    from: { kind: 'copy', of: disk } as const,
    instead: disk,
  }));
  const more = sizes.slice(ephemerals.length).map((size, index) => ({
    disk: addedDisk(record, disks, {
      role: 'ephemeral',
      part: `ephemeral${ephemerals.length + index}`,
      sizeBytes: size,
    }),
    from: { kind: 'blank' } as const,
  }));
  return [...(grows ? copies : []), ...more, ...swapDisk(record, disks, wish)];
}

function swapDisk(record: InstanceRecord, disks: readonly DiskRecord[], { swap }: ResizeWish): readonly Placed[] {
  const old = disks.find(({ role }) => role === 'swap');
  if (swap === undefined || swap === null || BigInt(old?.sizeBytes ?? 0) === swap) return [];
  const disk = old
    ? replacedDisk(record, old, { sizeBytes: String(swap) })
    : addedDisk(record, disks, { role: 'swap', part: 'swap', sizeBytes: swap });
  return [{ disk, from: { kind: 'blank' }, ...(old && { instead: old }) }];
}

// New ones come after those of their kind; without any change the same array.
function placed(disks: readonly DiskRecord[], create: readonly Placed[], { swap }: ResizeWish): readonly DiskRecord[] {
  const stays = (disk: DiskRecord): boolean => !(swap === null && disk.role === 'swap');
  if (create.length === 0 && disks.every(stays)) return disks;
  const changed = disks.filter(stays).map((disk) => create.find(({ instead }) => instead === disk)?.disk ?? disk);
  for (const { disk, instead } of create) {
    if (instead) continue;
    const last = changed.findLastIndex(({ role }) => KEEPS_CONTENT.includes(role));
    changed.splice(last + 1, 0, disk);
  }
  return changed;
}

function refuseSmaller(record: InstanceRecord, { role, sizeBytes, volumeName }: DiskRecord, wished: bigint): void {
  if (wished >= BigInt(sizeBytes)) return;
  const what = `has ${role} disk ${volumeName} of ${sizeBytes} bytes, which cannot shrink to ${wished}`;
  throw refusePlan(record, what, 'VOLUME.CANNOT_SHRINK');
}
