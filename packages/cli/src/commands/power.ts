import { DriverError } from '@virt-drivers/core';
import type { Register } from '../command.js';
import { resolveMachine } from '../machine-reference.js';

const absent = (capability: string): DriverError =>
  new DriverError('CAPABILITY.ABSENT', `This endpoint has no ${capability}. See why with: virt drivers --endpoint`);

export const registerPower: Register = (program, attach) => {
  attach(
    program
      .command('start')
      .summary('start a machine')
      .description('Starts a stopped or saved machine.')
      .argument('<machine>'),
    ({ call, output, withDriver }, [reference = '']) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        await driver.power.start(machine.id, call);
        output.done(`Machine ${machine.name} runs.`, { machine: machine.id, state: 'running' });
      }),
  );
  attach(
    program
      .command('stop')
      .summary('ask the guest to shut down')
      .description('Asks the guest to shut down and waits. Never cuts power; see kill.')
      .argument('<machine>')
      .option('--wait <seconds>', 'how long the guest may take', '60'),
    ({ call, output, withDriver }, [reference = ''], { wait }) =>
      withDriver(async (driver) => {
        if (!driver.power.stop) throw absent('power.stopGuest');
        const machine = await resolveMachine(driver, reference, call);
        const state = await driver.power.stop(machine.id, {
          ...call,
          deadline: new Date(Date.now() + Number(wait) * 1000),
        });
        if (state !== 'stopped') {
          throw new DriverError(
            'CALL.DEADLINE_EXCEEDED',
            `Machine ${machine.name} is still ${state}: the guest did not react. Cut its power with: virt kill ${reference}`,
            {
              subject: machine.id,
            },
          );
        }
        output.done(`Machine ${machine.name} is stopped.`, { machine: machine.id, state });
      }),
  );
  attach(
    program
      .command('kill')
      .summary('cut the power of a machine')
      .description('Cuts power at once; the guest is not asked.')
      .argument('<machine>'),
    ({ call, output, withDriver }, [reference = '']) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        await driver.power.kill(machine.id, call);
        output.done(`Machine ${machine.name} is stopped.`, { machine: machine.id, state: 'stopped' });
      }),
  );
  attach(
    program
      .command('reboot')
      .summary('reboot a machine')
      .description(
        'Asks the guest to reboot; --hard pulls the reset line instead, --force only if the guest does not react.',
      )
      .argument('<machine>')
      .option('--hard', 'do not ask the guest')
      .option('--force', 'wait for the guest, then pull the reset line')
      .option('--wait <seconds>', 'how long the guest may take with --force', '60'),
    ({ call, output, withDriver }, [reference = ''], { hard, force, wait }) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        const { rebootMachine } = await import('@virt-drivers/compute');
        const how = { ...call, hard: hard === true, force: force === true, within: { seconds: Number(wait) } };
        const outcome = await rebootMachine(driver, machine.id, how);
        const said = { asked: 'was asked to reboot', rebooted: 'did reboot', reset: 'was reset' }[outcome];
        output.done(`Machine ${machine.name} ${said}.`, { machine: machine.id, outcome });
      }),
  );
};
