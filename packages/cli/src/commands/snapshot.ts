import {
  DriverError,
  snapshotId,
  type CallOptions,
  type MachineId,
  type OpenDriver,
  type Snapshot,
  type Snapshots,
} from '@virt-drivers/core';
import { textFlag, type Register } from '../command.js';
import { examples } from '../examples.js';
import { resolveMachine } from '../machine-reference.js';

function snapshotsOf(driver: OpenDriver): Snapshots {
  if (driver.snapshots) return driver.snapshots;
  throw new DriverError('CAPABILITY.ABSENT', 'This endpoint has no snapshots. See why with: virt drivers --endpoint');
}

async function resolveSnapshot(
  snapshots: Snapshots,
  machine: MachineId,
  reference: string,
  call: CallOptions,
): Promise<Snapshot> {
  const all = await snapshots.list(machine, call).all();
  const found = all.filter(({ id, name }) => id === snapshotId(reference) || name === reference);
  const [only, second] = found;
  if (only && !second) return only;
  throw only
    ? new DriverError(
        'REQUEST.INVALID',
        `Snapshot name ${reference} is not unique; use one of: ${found.map(({ id }) => id).join(', ')}.`,
      )
    : new DriverError(
        'SNAPSHOT.NOT_FOUND',
        `Snapshot ${reference} does not exist. See what does with: virt snapshot list`,
        { subject: reference },
      );
}

export const registerSnapshot: Register = (program, attach) => {
  const group = program
    .command('snapshot')
    .summary('points in time of a machine')
    .description('Takes, lists, reverts to and deletes snapshots.')
    .addHelpText(
      'after',
      examples('virt snapshot create web before-upgrade --memory', 'virt snapshot revert web before-upgrade'),
    );
  attach(
    group
      .command('create')
      .description('Takes a snapshot.')
      .argument('<machine>')
      .argument('<name>')
      .option('--memory', 'keep the memory of a running machine too')
      .option('--quiesce', 'bring the guest to rest first (needs its helper)')
      .option('--description <text>'),
    ({ call, output, withDriver }, [reference = '', name = ''], flags) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        const description = textFlag(flags, 'description');
        const spec = { name, memory: flags['memory'] === true, quiesce: flags['quiesce'] === true };
        const made = await snapshotsOf(driver).create(
          machine.id,
          { ...spec, ...(description ? { description } : {}) },
          call,
        );
        output.done(`Snapshot ${made.name} of machine ${machine.name} is taken (${made.id}).`, made);
      }),
  );
  attach(
    group.command('list').description('Lists snapshots, parents first.').argument('<machine>'),
    ({ call, output, withDriver }, [reference = '']) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        const all = await snapshotsOf(driver).list(machine.id, call).all();
        const rows = all.map(({ id, name, createdAt, memory, current }) => [
          id,
          name,
          createdAt.toISOString(),
          memory ? 'yes' : 'no',
          current ? '*' : '',
        ]);
        await output.table(['ID', 'NAME', 'CREATED', 'MEMORY', 'CURRENT'], rows, all);
      }),
  );
  attach(
    group
      .command('revert')
      .description('Brings disks (and memory, where kept) back.')
      .argument('<machine>')
      .argument('<snapshot>'),
    ({ call, output, withDriver }, [reference = '', name = '']) =>
      withDriver(async (driver) => {
        const snapshots = snapshotsOf(driver);
        if (!snapshots.revert) throw new DriverError('CAPABILITY.ABSENT', 'This endpoint cannot revert to snapshots.');
        const machine = await resolveMachine(driver, reference, call);
        const snapshot = await resolveSnapshot(snapshots, machine.id, name, call);
        await snapshots.revert(machine.id, snapshot.id, call);
        output.done(`Machine ${machine.name} is back at snapshot ${snapshot.name}.`, snapshot);
      }),
  );
  attach(
    group
      .command('delete')
      .description('Forgets a point in time; present content is untouched.')
      .argument('<machine>')
      .argument('<snapshot>'),
    ({ call, output, withDriver }, [reference = '', name = '']) =>
      withDriver(async (driver) => {
        const snapshots = snapshotsOf(driver);
        const machine = await resolveMachine(driver, reference, call);
        const snapshot = await resolveSnapshot(snapshots, machine.id, name, call);
        await snapshots.delete(machine.id, snapshot.id, call);
        output.done(`Snapshot ${snapshot.name} of machine ${machine.name} is deleted.`, snapshot);
      }),
  );
};
