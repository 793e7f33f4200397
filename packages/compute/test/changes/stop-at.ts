import { SimulatedCrash, type StepEvent } from '@virt-drivers/core/kit';

/** How a flow comes to an end at a step: it fails after it, is cancelled before it, or its process dies after it. */
export type Stop = 'failure' | 'cancel' | 'death';

/** The options of a flow that is stopped at `step`. */
export function stopAt(
  step: string,
  kind: Stop,
): { readonly signal: AbortSignal; readonly onStep: (event: StepEvent) => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onStep: (event) => {
      if (event.step !== step || event.phase !== (kind === 'cancel' ? 'starting' : 'done')) return;
      if (kind === 'failure') throw new Error('injected');
      if (kind === 'death') throw new SimulatedCrash('died');
      controller.abort();
    },
  };
}
