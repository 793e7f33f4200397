import type { CallOptions } from '../values/call.js';
import { throwIfAborted } from './interruption.js';
import { createUndoStack, type RollbackOptions, type UndoStack } from './undo-stack.js';

/** One named part of a flow. The context carries results from step to step. */
export interface Step<Context> {
  /** Unique in its flow and the same on every run: tests make flows fail at steps by name. */
  readonly name: string;
  run(context: Context, options: CallOptions): Promise<void>;
  /** Takes the step back, whether `run` ended, failed half-way or changed nothing. Absent: nothing to take back. */
  undo?(context: Context, options: CallOptions): Promise<void>;
  /** Once it is done, nothing up to here is taken back any more: what comes later only clears away. Default false. */
  readonly commits?: boolean;
}

/** What happens in a flow, in order. */
export interface StepEvent {
  readonly step: string;
  /** Position of the step, from 0. */
  readonly index: number;
  readonly total: number;
  readonly phase: 'starting' | 'done' | 'undoing' | 'undone' | 'left';
}

/** How to run a flow. */
export interface RunStepsOptions extends CallOptions, Pick<RollbackOptions, 'eachWithin'> {
  /**
   * Told of every event and awaited. What it throws at `starting` or `done` fails the flow there, which is undone
   * then; a {@link SimulatedCrash} ends it there as a dying process would. Errors in the other phases are ignored.
   */
  readonly onStep?: (event: StepEvent) => void | Promise<void>;
}

/** Thrown by an observer of `runSteps` to end the flow without any undo, as a killed process would. For tests. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/**
 * Runs the steps in order. When one fails, or the caller cancels between two, undoes that one and all before it in
 * reverse order and throws the original error, `stateAfter` telling how well the undo went.
 */
export async function runSteps<Context>(
  steps: readonly Step<Context>[],
  context: Context,
  options: RunStepsOptions = {},
): Promise<void> {
  checkNames(steps);
  const stack = createUndoStack();
  try {
    for (const [index, step] of steps.entries()) {
      await runOne(step, context, stack, options, (phase) => options.onStep?.({ ...at(steps, index), phase }));
    }
  } catch (cause) {
    if (cause instanceof SimulatedCrash) throw cause;
    const { error } = await stack.rollback(cause, rollbackOptions(steps, options));
    throw error;
  }
}

async function runOne<Context>(
  step: Step<Context>,
  context: Context,
  stack: UndoStack,
  { signal, deadline }: RunStepsOptions,
  tell: (phase: 'starting' | 'done') => void | Promise<void>,
): Promise<void> {
  const call: CallOptions = { ...(signal && { signal }), ...(deadline && { deadline }) };
  throwIfAborted(call, { what: `Step "${step.name}"` });
  await tell('starting');
  const run = (): Promise<void> => step.run(context, call);
  if (step.undo) await stack.attempt(step.name, async (own) => step.undo?.(context, own), run);
  else await run();
  if (step.commits) stack.commit();
  await tell('done');
}

function rollbackOptions<Context>(steps: readonly Step<Context>[], options: RunStepsOptions): RollbackOptions {
  const { eachWithin, onStep } = options;
  const onUndo: RollbackOptions['onUndo'] = ({ name, phase }) => {
    const index = steps.findIndex((step) => step.name === name);
    // The rollback does not wait for observers, and their failures are theirs.
    void Promise.resolve(onStep?.({ ...at(steps, index), phase })).catch(() => undefined);
  };
  return { onUndo, ...(eachWithin && { eachWithin }) };
}

function at(steps: readonly Step<never>[], index: number): Omit<StepEvent, 'phase'> {
  return { step: steps[index]?.name ?? '', index, total: steps.length };
}

function checkNames(steps: readonly Step<never>[]): void {
  const seen = new Set<string>();
  for (const { name } of steps) {
    if (seen.has(name)) throw new Error(`Step "${name}" is in the flow twice; names of steps must be unique.`);
    seen.add(name);
  }
}
