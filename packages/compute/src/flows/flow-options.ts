import type { CallOptions, TaskProgress } from '@virt-drivers/core';
import type { RunStepsOptions } from '@virt-drivers/core/kit';

/** Progress of a long step. */
export interface StepProgress {
  readonly step: string;
  readonly progress: TaskProgress;
}

/** How to run a flow: cancelled by `signal`, ended by `deadline`, watched step by step. */
export interface FlowOptions extends CallOptions, Pick<RunStepsOptions, 'onStep' | 'eachWithin'> {
  /** Told while a step transfers bytes. What it throws is ignored. */
  readonly onProgress?: (event: StepProgress) => void;
}

/** The part of flow options that a driver's call takes. */
export const callOf = ({ signal, deadline }: CallOptions): CallOptions => ({
  ...(signal && { signal }),
  ...(deadline && { deadline }),
});
