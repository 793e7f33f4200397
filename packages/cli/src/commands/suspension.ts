import { DriverError, type OpenDriver } from '@virt-drivers/core';
import type { Register } from '../command.js';
import { resolveMachine } from '../machine-reference.js';

const VERBS = [
  ['pause', 'halt a machine, memory stays', 'paused'],
  ['resume', 'continue a paused machine', 'running'],
  ['save', 'write memory to storage and free it', 'saved'],
  ['restore', 'continue a saved machine', 'running'],
] as const;

type Verb = (typeof VERBS)[number][0];

function actionOf(driver: OpenDriver, verb: Verb): NonNullable<NonNullable<OpenDriver['suspension']>[Verb]> {
  const action = driver.suspension?.[verb];
  if (action) return action;
  throw new DriverError(
    'CAPABILITY.ABSENT',
    `This endpoint cannot ${verb} machines. See why with: virt drivers --endpoint`,
  );
}

export const registerSuspension: Register = (program, attach) => {
  for (const [verb, summary, state] of VERBS) {
    attach(
      program
        .command(verb)
        .summary(summary)
        .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
        .argument('<machine>'),
      ({ call, output, withDriver }, [reference = '']) =>
        withDriver(async (driver) => {
          const action = actionOf(driver, verb);
          const machine = await resolveMachine(driver, reference, call);
          await action(machine.id, call);
          output.done(`Machine ${machine.name} is ${state}.`, { machine: machine.id, state });
        }),
    );
  }
};
