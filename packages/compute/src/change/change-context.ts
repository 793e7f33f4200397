import type { Bytes, DiskFormat, OpenDriver, QuietGuest } from '@virt-drivers/core';
import type { Duration } from '@virt-drivers/core/kit';
import type { DiskContents } from '../disks/create-disk.js';
import type { FlowOptions, StepProgress } from '../flows/flow-options.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { Instance } from '../instance/instance.js';
import type { Journal } from '../instance/record.js';
import type { StoredInstance } from '../instance/record-store.js';
import type { ChangePlan, PlannedChange } from './change-plan.js';

/** How to run a change. */
export interface ChangeOptions extends FlowOptions {
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  /** How long the guest gets to shut down before its power is cut. Default: 60 seconds. */
  readonly stopWithin?: Duration;
}

/** A change that was made, or with `dryRun` would be. */
export interface Changed {
  readonly plan: PlannedChange;
  /** The instance afterwards. */
  readonly instance: Instance;
}

/** Takes the content of an image; what it throws fails the flow. Reads at its own pace. */
export type ReceiveImage = (image: {
  readonly format: DiskFormat;
  readonly virtualSizeBytes: Bytes;
  readonly content: AsyncIterable<Uint8Array>;
}) => Promise<void>;

/** What the steps of one change share. */
export interface ChangeContext {
  readonly driver: OpenDriver;
  readonly plan: ChangePlan;
  readonly journal: Journal;
  readonly contents: DiskContents;
  readonly stopWithin: Duration;
  readonly onProgress?: (event: StepProgress) => void;
  /** The instance as it was found. */
  readonly found: StoredInstance;
  /** The instance with the revision of the last record that was written. */
  instance: StoredInstance;
  /** Takes an image that leaves; see `saveImage`. */
  readonly receive?: ReceiveImage;
  /** The guest's file systems while they are at rest. */
  quiet?: QuietGuest;
  /** New disks that are complete, by name of their volume. */
  readonly made: Map<string, DiskRecord>;
  /** Names of volumes that may still appear, because the work of making them could not be seen to end. */
  readonly unsettled: Set<string>;
  /** Names of volumes that somebody else turned out to have; an undo leaves them alone. */
  readonly foreign: Set<string>;
}
