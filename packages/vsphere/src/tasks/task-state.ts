import { VsphereFault } from '../errors/vsphere-fault.js';
import type { LocalizedMethodFault, TaskInfoState } from '../gen/data-types.gen.js';

/** The properties of a task that tell how it goes. Separate ones: `info` as a whole is large and changes often. */
export const TASK_PATHS = ['info.state', 'info.progress', 'info.result', 'info.error', 'info.descriptionId'] as const;

/** How a task goes, as far as it was told. */
export interface TaskState {
  readonly state?: TaskInfoState;
  /** Percent. */
  readonly progress?: number;
  readonly result?: unknown;
  readonly error?: LocalizedMethodFault;
  readonly descriptionId?: string;
}

/** The state that results when some of its properties change. */
export function mergeState(old: TaskState, changed: Readonly<Record<string, unknown>>): TaskState {
  const told = Object.entries(changed).map(([path, value]) => [path.slice('info.'.length), value]);
  return { ...old, ...Object.fromEntries(told) };
}

/** How a task ended; undefined while it has not. */
export function outcomeOf(
  state: TaskState,
): { readonly result: unknown } | { readonly error: VsphereFault } | undefined {
  if (state.state === 'success') return { result: state.result };
  if (state.state !== 'error') return undefined;
  const fault = state.error?.fault ?? ({ $type: 'MethodFault' } as const);
  return { error: new VsphereFault(state.descriptionId ?? 'Task', fault, state.error?.localizedMessage) };
}
