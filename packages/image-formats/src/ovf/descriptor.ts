import type { OvfController } from './controller.js';

/** A file that the descriptor names. */
export interface OvfFile {
  readonly id: string;
  /** As written, a plain file name: others are refused. */
  readonly href: string;
  /** As the descriptor claims it; absent when it does not. */
  readonly sizeBytes?: bigint;
}

/** A disk that the descriptor describes, in the order in which the guest finds them. */
export interface OvfDisk {
  readonly id: string;
  /** Absent for a disk that starts empty. */
  readonly file?: OvfFile;
  readonly capacityBytes: bigint;
  /** The unit that the capacity was written in: it may have been rounded up to it. */
  readonly capacityUnitBytes: bigint;
  /** What the descriptor expects to be used of it. */
  readonly populatedBytes?: bigint;
  /** By the format's URI; `unknown` for one that is not known. */
  readonly format: 'vmdk' | 'qcow2' | 'raw' | 'vhd' | 'vhdx' | 'iso' | 'unknown';
  /** Absent when no machine of the package has it on a controller. */
  readonly controller?: OvfController;
  /** Place on the controller. */
  readonly unitNumber?: number;
}

/** What the machine of a package is like. */
export interface OvfHardware {
  readonly cpuCount?: number;
  readonly memoryBytes?: bigint;
  readonly nics: readonly { readonly network?: string; readonly model?: string }[];
  readonly firmware: 'bios' | 'efi';
  /** Numbers of CIM_OperatingSystem, and VMware's own name where there is one. */
  readonly guest?: { readonly id?: number; readonly name?: string };
}

/** An OVF package with one machine. */
export interface OvfDescriptor {
  readonly name?: string;
  readonly files: readonly OvfFile[];
  readonly disks: readonly OvfDisk[];
  readonly hardware: OvfHardware;
}
