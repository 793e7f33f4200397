import type { DiskFormat } from '@virt-drivers/core';
import type { VolumeFormat, VolumePlan } from '../convert/volume-xml.js';
import { iso } from './iso.js';
import { qcow2 } from './qcow2.js';
import { raw } from './raw.js';

/** What is particular about one way of keeping volumes. */
export interface Backend {
  readonly format: VolumeFormat;
  /** Content in these formats is stored byte by byte; from any other the host converts. */
  readonly stores: readonly DiskFormat[];
  /** A volume may continue another one, copy on write. */
  readonly continues: boolean;
  /** What the host is asked for before content of this virtual size is sent. */
  placeholder(fileName: string, virtualSizeBytes: bigint): VolumePlan;
}

const BACKENDS: Readonly<Record<VolumeFormat, Backend>> = { qcow2, raw, iso };

export const backendOf = (format: VolumeFormat): Backend => BACKENDS[format];
