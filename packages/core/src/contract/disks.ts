import type { CallOptions } from '../values/call.js';
import type { DiskId, MachineId, VolumeId } from '../values/identifiers.js';
import type { Bytes, BitsPerSecond, OperationsPerSecond } from '../values/quantity.js';

/** The kind of controller that a disk hangs on. `paravirtual`: the hypervisor's own fast one. Default: `paravirtual`. */
export type DiskBus = 'paravirtual' | 'scsi' | 'sata' | 'ide' | 'nvme';

/** Upper limits of a disk. Absent: unlimited. A driver rounds up to what it can keep, and tells the result. */
export interface DiskLimits {
  readonly throughput?: BitsPerSecond;
  readonly operations?: OperationsPerSecond;
}

/** A disk to attach. */
export interface DiskSpec {
  /** What is attached; absent only for `media` without a medium. */
  readonly volume?: VolumeId;
  /** `disk` (default) or a drive for removable read-only media. */
  readonly device?: 'disk' | 'media';
  readonly bus?: DiskBus;
  /** Default false; `media` is always read-only. */
  readonly readOnly?: boolean;
  /**
   * Text that the guest can read from the disk, 1 to 20 characters of `[A-Za-z0-9_-]`.
   *
   * CONTRACT question 8 (what does the guest see of a disk?): the order on the bus, and this serial where capability
   * `disks.serial` is present; never a promised device name. Proven by: `disks/serial-is-kept`, `disks/order-is-kept`.
   */
  readonly serial?: string;
  readonly limits?: DiskLimits;
  /** Other machines may have the same volume attached for writing (capability `disks.multiAttach`). */
  readonly shared?: boolean;
}

/** A disk of a machine, as it is now; after a snapshot `volume` may be another than was attached. */
export interface Disk {
  readonly id: DiskId;
  readonly device: 'disk' | 'media';
  readonly volume?: VolumeId;
  readonly bus: DiskBus;
  readonly readOnly: boolean;
  readonly serial?: string;
  readonly sizeBytes?: Bytes;
  readonly limits?: DiskLimits;
  readonly shared: boolean;
}

/** Attaching volumes to machines. */
export interface Disks {
  /**
   * Attaches a disk, at once and for good (it is there after the next start too). With capability
   * `disks.attachRunning` also while the machine runs. Attaching a volume that this machine has attached in the same way
   * returns that disk; in another way it is `DISK.CONFLICT`. Proven by: `disks/attach-twice-is-one`.
   * Errors: `MACHINE.NOT_FOUND`, `VOLUME.NOT_FOUND`, `VOLUME.IN_USE` (another machine), `DISK.CONFLICT`,
   * `DISK.LIMIT_REACHED`, `CAPABILITY.CONDITION_UNMET`.
   */
  attach(machine: MachineId, disk: DiskSpec, options?: CallOptions): Promise<Disk>;
  /**
   * Detaches a disk; its volume stays. On a running machine it resolves when the guest let go. Detaching a disk that is
   * not there succeeds. Errors: `MACHINE.NOT_FOUND`, `DISK.DETACH_REFUSED` (the guest did not let go within the
   * deadline; the disk stays attached), `SNAPSHOT.BLOCKS`.
   */
  detach(machine: MachineId, disk: DiskId, options?: CallOptions): Promise<void>;
  /** Changes the medium of a `media` drive; `null` ejects. The same medium again succeeds. Errors: `DISK.NOT_FOUND`, `DISK.CONFLICT` (not a media drive). */
  changeMedium?(machine: MachineId, disk: DiskId, volume: VolumeId | null, options?: CallOptions): Promise<Disk>;
  /** Sets limits of a disk, also while running. `{}` removes them. */
  setLimits?(machine: MachineId, disk: DiskId, limits: DiskLimits, options?: CallOptions): Promise<Disk>;
}
