import { bitsPerSecond, DriverError, hostId, type MigrationStatistics, type OpenDriver } from '@virt-drivers/core';
import type { MoveOptions, MoveWish } from '@virt-drivers/compute';
import { textFlag, type Flags, type Register } from '../command.js';
import { changeFlags, onInstance, type ChangeTarget } from '../change-command.js';
import type { CommandContext } from '../command-context.js';
import { examples } from '../examples.js';
import { resolvePool } from '../machine-reference.js';
import { humanBytes } from '../output/human.js';

async function wishOf(flags: Flags, destination: OpenDriver, { call }: CommandContext): Promise<MoveWish> {
  const [host, pool, bandwidth] = [textFlag(flags, 'host'), textFlag(flags, 'pool'), textFlag(flags, 'bandwidth')];
  return {
    ...(host ? { host: hostId(host) } : {}),
    ...(pool ? { pool: (await resolvePool(destination, pool, call)).id } : {}),
    ...(bandwidth ? { bandwidth: bitsPerSecond(Math.round(Number(bandwidth) * 1_000_000)) } : {}),
    ...(flags['postCopy'] === true ? { postCopy: true } : {}),
    ...(flags['encrypt'] === true ? { encrypt: true } : {}),
  };
}

const remaining = ({ memoryRemainingBytes, diskRemainingBytes, iteration }: MigrationStatistics): string =>
  [
    memoryRemainingBytes === undefined ? '' : `${humanBytes(memoryRemainingBytes)} of memory left`,
    diskRemainingBytes === undefined ? '' : `${humanBytes(diskRemainingBytes)} of disks left`,
    iteration === undefined ? '' : `round ${iteration}`,
  ]
    .filter((part) => part !== '')
    .join(', ');

async function move(
  context: CommandContext,
  { compute, instanceId, options }: ChangeTarget,
  destination: OpenDriver,
  flags: Flags,
): Promise<void> {
  const wish = await wishOf(flags, destination, context);
  // Within an endpoint there is no other way; a stopped machine stays stopped on it.
  const byHost = flags['live'] === true || destination === compute.driver;
  const how: MoveOptions = { ...options, onStatistics: (now) => context.output.note(remaining(now)) };
  const moved = await compute[byHost ? 'migrate' : 'coldMigrate'](instanceId, destination, wish, how);
  if (options.dryRun)
    return context.output.table(
      ['STEP'],
      moved.steps.map((step) => [step]),
      moved.steps,
    );
  const { machine, record } = moved.instance;
  context.output.done(`Instance ${instanceId} is on host ${machine.host} of ${destination.target}, ${machine.state}.`, {
    instanceId,
    machine,
    record,
  });
}

/** `virt migrate`. */
export const registerMigrate: Register = (program, attach) => {
  const command = program
    .command('migrate')
    .summary('move an instance to another host or endpoint')
    .description(
      'Moves an instance. Without --live it is shut down and what its disks hold is streamed to the other endpoint, whatever driver that has; with --live it keeps running.',
    )
    .argument('<instance>')
    .option('--to <uri>', 'the other endpoint; without it another host of this one')
    .option('--live', 'keep it running')
    .option('--host <id>', 'host to run on')
    .option('--pool <name>', 'where disks go that the other side does not see')
    .option('--bandwidth <megabits>', 'per second')
    .option('--post-copy', 'finish even if memory changes faster than it is copied')
    .option('--encrypt')
    .addHelpText(
      'after',
      examples('virt migrate web --live --to qemu+tls://other/system', 'virt migrate web --to qemu+ssh://other/system'),
    );
  attach(changeFlags(command), (context, [reference = ''], flags) =>
    onInstance(context, reference, flags, async (target) => {
      const to = textFlag(flags, 'to');
      if (to !== undefined) return context.withEndpoint(to, (other) => move(context, target, other, flags));
      if (target.driver.migration) return move(context, target, target.driver, flags);
      throw new DriverError('CAPABILITY.ABSENT', 'This endpoint moves no machines itself; name another one with --to.');
    }),
  );
};
