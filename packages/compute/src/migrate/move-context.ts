import type { DiskId, Machine, MigrationPlan, MigrationTicket, VolumeId } from '@virt-drivers/core';
import type { StepProgress } from '../flows/flow-options.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { Journal } from '../instance/record.js';
import type { StoredInstance } from '../instance/record-store.js';
import type { MoveOptions } from './move-options.js';
import type { Placement, Sides } from './place-disks.js';

/** A volume of the destination that a disk is copied to. */
export interface MoveTarget {
  readonly id: DiskId;
  readonly disk: DiskRecord;
  /**
   * The disk whose content is copied before the machine moves, because nobody writes to it meanwhile. Absent: the
   * hypervisors copy what it holds while the machine moves.
   */
  readonly copyOf?: DiskRecord;
}

/** What the steps of one move of a machine share. */
export interface MoveContext extends Sides {
  readonly found: StoredInstance;
  readonly journal: Journal;
  readonly plan: MigrationPlan;
  readonly placement: Placement;
  /** Volumes to be made on the destination, each for a disk of the plan. */
  readonly targets: readonly MoveTarget[];
  /** Those that are there, by name. */
  readonly made: Map<string, VolumeId>;
  readonly onProgress?: (event: StepProgress) => void;
  readonly onStatistics?: MoveOptions['onStatistics'];
  /** The instance with its last record, on the side where it is. */
  instance: StoredInstance;
  ticket?: MigrationTicket;
  arrived?: Machine;
}
