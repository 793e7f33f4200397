import type { Duration } from '@virt-drivers/core/kit';
import type { StepProgress } from '../flows/flow-options.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { Journal } from '../instance/record.js';
import type { StoredInstance } from '../instance/record-store.js';
import type { MoveWish } from './move-options.js';
import type { Placement, Sides } from './place-disks.js';

/** What the steps of one move by bytes share. */
export interface ColdContext extends Sides {
  readonly found: StoredInstance;
  readonly wish: MoveWish;
  readonly journal: Journal;
  readonly placement: Placement;
  readonly power: 'running' | 'stopped';
  readonly stopWithin: Duration;
  readonly onProgress?: (event: StepProgress) => void;
  /** The record on the source side, as it was written last. */
  instance: StoredInstance;
  /** The instance on the destination, from the moment in which it is claimed. */
  copy?: StoredInstance;
  /** Disks that are complete on the destination, by name of their volume. */
  readonly made: Map<string, DiskRecord>;
  /** Names of volumes that somebody else turned out to have there. */
  readonly foreign: Set<string>;
}
