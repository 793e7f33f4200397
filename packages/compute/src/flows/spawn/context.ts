import type { ImageSource, OpenDriver, Pool, Volume } from '@virt-drivers/core';
import type { CreatableDisk } from '../../disks/plan-disks.js';
import type { Gate, AdmittedImage } from '../../image-gate/admit-image.js';
import type { Journal } from '../../instance/record.js';
import type { StoredInstance } from '../../instance/record-store.js';
import type { InstanceSpec } from '../../instance/spec.js';
import type { StepProgress } from '../flow-options.js';

/** What the steps of one spawn share. */
export interface SpawnContext {
  readonly driver: OpenDriver;
  readonly spec: InstanceSpec;
  readonly specSha256: string;
  readonly gate: Gate | undefined;
  readonly journal: Journal;
  readonly onProgress?: (event: StepProgress) => void;
  /** True when an interrupted spawn of the same instance is continued. */
  readonly resumed: boolean;
  image?: AdmittedImage;
  /** The image's disks in the form that the pool gets, root first. */
  images?: readonly ImageSource[];
  pool?: Pool;
  configDrive?: ImageSource;
  plan: readonly CreatableDisk[];
  /** The machine and its record, from the moment in which they are ours. */
  instance?: StoredInstance;
  /** Volumes that are complete, by name. */
  readonly volumes: Map<string, Volume>;
  /** Names of volumes that somebody else turned out to have; an undo leaves them alone. */
  readonly foreign: Set<string>;
  /** Names of volumes that may still appear, because the work of making them could not be seen to end. */
  readonly unsettled: Set<string>;
}

/** Parts of an instance that become disks, known once it is known how many disks the image has. */
export function diskParts(
  { ephemerals = [], swap, configDrive }: InstanceSpec,
  image?: Pick<AdmittedImage, 'further'>,
): readonly string[] {
  return [
    'root',
    ...(image?.further ?? []).map((_, index) => `image${index + 1}`),
    ...ephemerals.map((_, index) => `ephemeral${index}`),
    ...(swap ? ['swap'] : []),
    ...(configDrive ? ['config'] : []),
  ];
}

/** The planned disk of a part. */
export function plannedDisk({ plan, spec }: SpawnContext, part: string): CreatableDisk {
  const disk = plan.find(({ volumeName }) => volumeName === `${spec.instanceId}-${part}`);
  if (!disk) throw new Error(`Plan of instance ${spec.instanceId} has no disk for "${part}".`);
  return disk;
}

/** The pool that the plan is for. */
export function chosenPool({ pool, spec }: SpawnContext): Pool {
  if (!pool) throw new Error(`Disks of instance ${spec.instanceId} were not planned yet.`);
  return pool;
}

/** The instance of a context whose machine was claimed. */
export function claimed({ instance, spec }: SpawnContext): StoredInstance {
  if (!instance) throw new Error(`Machine of instance ${spec.instanceId} was not claimed yet.`);
  return instance;
}
