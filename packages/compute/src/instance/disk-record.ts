import * as v from 'valibot';

/** A whole number as text: JSON has no word for large ones. */
export const decimal = v.pipe(v.string(), v.regex(/^\d{1,30}$/));
/** Formats of disks, as the contract names them. */
export const diskFormat = v.picklist(['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'parallels', 'iso']);
const volumeId = v.object({ pool: v.string(), key: v.string() });

/** How a disk hangs on its machine, so that it can be put back in the same way. */
const attachment = v.object({
  device: v.picklist(['disk', 'media']),
  /** Absent: the driver chooses. */
  bus: v.optional(v.picklist(['paravirtual', 'scsi', 'sata', 'ide', 'nvme'])),
  readOnly: v.optional(v.boolean()),
  shared: v.optional(v.boolean()),
  /** Bits per second. */
  throughput: v.optional(decimal),
  /** Per second. */
  operations: v.optional(decimal),
});

/** A disk in a record. */
export const diskRecord = v.object({
  role: v.picklist(['root', 'image', 'ephemeral', 'swap', 'config', 'attached', 'rescue', 'scratch']),
  /** Goes when the instance goes. */
  owned: v.boolean(),
  pool: v.string(),
  /** Name of the volume, which finds it when `volume` is not known yet. */
  volumeName: v.string(),
  origin: v.variant('kind', [
    v.object({ kind: v.literal('image'), sha256: v.string(), format: diskFormat }),
    v.object({ kind: v.literal('blank') }),
    v.object({ kind: v.literal('content') }),
    v.object({ kind: v.literal('existing') }),
  ]),
  /** Decimal, in bytes. */
  sizeBytes: decimal,
  format: v.optional(diskFormat),
  provisioning: v.optional(v.picklist(['thin', 'thick'])),
  serial: v.optional(v.string()),
  /** Known from the moment in which the disk is complete. */
  volume: v.optional(volumeId),
  /** Written while the disk may be off its machine for a moment. */
  attachment: v.optional(attachment),
});

/** A disk of an instance as the record keeps it. */
export type DiskRecord = v.InferOutput<typeof diskRecord>;
