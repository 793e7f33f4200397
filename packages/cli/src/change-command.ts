import { DriverError, type Machine, type OpenDriver } from '@virt-drivers/core';
import type { Changed, ChangeOptions, Compute, Gate, PlannedChange } from '@virt-drivers/compute';
import type { Command } from 'commander';
import { textFlag, type Flags } from './command.js';
import type { CommandContext } from './command-context.js';
import { computeOver, instanceIdOf } from './instances.js';
import { resolveMachine } from './machine-reference.js';
import { watchSteps } from './output/steps.js';

/** An instance that a command is about. */
export interface ChangeTarget {
  readonly compute: Compute;
  readonly driver: OpenDriver;
  readonly instanceId: string;
  readonly machine: Machine;
  readonly options: ChangeOptions;
}

/** Gives a command the flags that every change has. */
export const changeFlags = (command: Command): Command =>
  command
    .option('--dry-run', 'only show what would be done')
    .option('--stop-within <seconds>', 'how long the guest may take to shut down', '60');

/** The instance that a person means. Errors: `REQUEST.CONFLICT` when the machine is nobody's instance. */
export async function resolveInstance(
  driver: OpenDriver,
  reference: string,
  { call }: CommandContext,
): Promise<{ readonly instanceId: string; readonly machine: Machine }> {
  const machine = await resolveMachine(driver, reference, call);
  const instanceId = await instanceIdOf(machine);
  if (instanceId !== undefined) return { instanceId, machine };
  const text = `Machine ${reference} is not an instance of ours, so it is left alone.`;
  throw new DriverError('REQUEST.CONFLICT', text, { subject: reference });
}

/** Runs a flow on an instance with its steps shown, and leaves the terminal as it was. */
export async function onInstance<T>(
  context: CommandContext,
  reference: string,
  flags: Flags,
  run: (target: ChangeTarget) => Promise<T>,
  gate?: Gate,
): Promise<T> {
  return context.withDriver(async (driver) => {
    const { instanceId, machine } = await resolveInstance(driver, reference, context);
    const watch = await watchSteps(context.terminal, context.output);
    const seconds = Number(textFlag(flags, 'stopWithin') ?? '60');
    const options: ChangeOptions = {
      ...context.call,
      onStep: watch.onStep,
      onProgress: watch.onProgress,
      dryRun: flags['dryRun'] === true,
      stopWithin: { seconds },
    };
    try {
      return await run({ compute: await computeOver(driver, gate), driver, instanceId, machine, options });
    } finally {
      watch.end();
    }
  });
}

/** Shows a plan: what `--dry-run` answers. */
export async function showPlan({ output }: CommandContext, plan: PlannedChange): Promise<void> {
  if (plan.interrupts) output.note('The guest is shut down for it.');
  await output.table(
    ['STEP'],
    plan.steps.map((step) => [step]),
    plan,
  );
}

/** Says what a change came to, or what it would. */
export async function showChanged(
  context: CommandContext,
  { options: { dryRun } }: ChangeTarget,
  { plan, instance }: Changed,
  sentence: string,
): Promise<void> {
  if (dryRun) return showPlan(context, plan);
  const { instanceId, machine, record } = instance;
  context.output.done(sentence, { instanceId, machine, record, plan });
}
