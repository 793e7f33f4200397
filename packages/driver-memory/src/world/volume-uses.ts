import type { VolumeUse } from '@virt-drivers/core/kit';
import type { Scene } from './scene.js';
import type { DiskState } from './state.js';

/** How machines but this one have a volume; `isIt` knows disks that are of the volume. */
export const usesByOthers = (
  { state }: Scene,
  machine: string | undefined,
  isIt: (disk: DiskState) => boolean,
): readonly VolumeUse[] =>
  Object.values(state.machines)
    .filter(({ id }) => id !== machine)
    .flatMap(({ id, disks }) => disks.filter(isIt).map(({ readOnly, shared }) => ({ machine: id, readOnly, shared })));
