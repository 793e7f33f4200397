import type { Bytes, Volume, VolumeId } from '@virt-drivers/core';
import type { ChangePlan } from '../change/change-plan.js';
import { hasVolume } from '../change/disk-attachment.js';
import type { Layout } from '../change/layout.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { replacedDisk } from './replaced-disk.js';
import { refusePlan, refuseUnsettled } from './plan-error.js';

/** What a change of one volume starts from. */
export interface VolumeInput {
  readonly record: InstanceRecord;
  readonly layout: Layout;
  readonly volume: VolumeId;
}

/** The instance's disk with a volume; undefined when it has none such. */
export const diskOfVolume = ({ disks }: Layout, id: VolumeId): DiskRecord | undefined =>
  disks.find((disk) => hasVolume(disk, id));

/** One more volume, behind all disks, running or not; it is not the instance's own. Pure. */
export function planAttach({ layout }: VolumeInput, disk: DiskRecord): ChangePlan {
  return {
    flow: 'attach',
    before: layout,
    after: { ...layout, disks: [...layout.disks, disk] },
    create: [],
    remove: [],
  };
}

/** A volume that is not the instance's own, as a record has it. */
export const attachedDisk = (
  { id, name, format, sizeBytes }: Volume,
  attachment: DiskRecord['attachment'],
  serial: string | undefined,
): DiskRecord => ({
  role: 'attached',
  owned: false,
  pool: id.pool,
  volumeName: name,
  origin: { kind: 'existing' },
  sizeBytes: String(sizeBytes),
  format,
  volume: { pool: id.pool, key: id.key },
  ...(serial !== undefined && { serial }),
  ...(attachment && { attachment }),
});

/** A volume that was attached goes off; it stays as it is. Pure. Errors: `REQUEST.INVALID` (one of the instance's own). */
export function planDetach({ record, layout, volume }: VolumeInput): ChangePlan {
  const disk = diskOfVolume(layout, volume);
  if (disk?.owned) throw refusePlan(record, `owns volume ${volume.key}, which goes with it and cannot be detached`);
  const disks = layout.disks.filter((one) => one !== disk);
  return { flow: 'detach', before: layout, after: { ...layout, disks }, create: [], remove: [] };
}

/** A disk grows where it is. Pure. Errors: `VOLUME.NOT_FOUND` (not a disk of the instance), `VOLUME.CANNOT_SHRINK`. */
export function planExtend({ record, layout, volume }: VolumeInput, sizeBytes: Bytes): ChangePlan {
  const disk = diskOfVolume(layout, volume);
  if (!disk) throw refusePlan(record, `has no disk with volume ${volume.key}`, 'VOLUME.NOT_FOUND');
  if (sizeBytes < BigInt(disk.sizeBytes))
    throw refusePlan(
      record,
      `has volume ${volume.key} of ${disk.sizeBytes} bytes, which cannot shrink`,
      'VOLUME.CANNOT_SHRINK',
    );
  const larger = { ...disk, sizeBytes: String(sizeBytes) };
  const disks = layout.disks.map((one) => (one === disk ? larger : one));
  return { flow: 'extend', before: layout, after: { ...layout, disks }, create: [], remove: [], grow: [larger] };
}

/** Where a disk's content shall live. */
export interface SwapWish {
  /** Default: where it is. */
  readonly pool?: string;
  readonly format?: DiskRecord['format'];
  /** Name of the new volume; given for a volume that is not the instance's own, whose names are its owner's. */
  readonly name?: string;
}

/**
 * A disk's content moves to a volume of its own, elsewhere or in another format, and the instance goes on with that one.
 * The old volume goes if it was the instance's own, and stays otherwise. Pure. Errors: `VOLUME.NOT_FOUND`, `REQUEST.INVALID`.
 */
export function planSwap({ record, layout, volume }: VolumeInput, wish: SwapWish): ChangePlan {
  refuseUnsettled(record);
  const old = diskOfVolume(layout, volume);
  if (!old) throw refusePlan(record, `has no disk with volume ${volume.key}`, 'VOLUME.NOT_FOUND');
  const disk = swappedDisk(record, old, wish);
  const disks = layout.disks.map((one) => (one === old ? disk : one));
  return {
    flow: 'swap',
    before: layout,
    after: { ...layout, disks },
    create: [{ disk, from: { kind: 'copy', of: old } }],
    remove: old.owned ? [old] : [],
  };
}

function swappedDisk(record: InstanceRecord, old: DiskRecord, { pool, format, name }: SwapWish): DiskRecord {
  const where = { ...(pool !== undefined && { pool }), ...(format && { format }) };
  if (old.owned && name !== undefined)
    throw refusePlan(record, `names its own volumes itself; leave out the name ${name}`);
  if (old.owned) return replacedDisk(record, old, where);
  if (name === undefined) throw refusePlan(record, `does not own volume ${old.volumeName}; give the new one a name`);
  const { volume: _volume, ...same } = old;
  return { ...same, ...where, volumeName: name };
}
