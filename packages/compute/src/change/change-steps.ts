import type { CallOptions } from '@virt-drivers/core';
import type { Step } from '@virt-drivers/core/kit';
import type { MachineShape } from '../instance/change-record.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { ChangeContext } from './change-context.js';
import { labelOf, outline, stepNames, type ChangePlan } from './change-plan.js';
import { commit, finish, mark, uncommit, unmark } from './change-records.js';
import { diskWith, sizeOf, specOf, volumeOf } from './disk-attachment.js';
import { fromShape } from './machine-shape.js';
import { quiesce, save, thaw } from './guest-rest.js';
import { turnOff, turnOn } from './machine-power.js';
import { sendImage } from './send-image.js';
import { makeDisk, removeVolume, unmakeDisk } from './new-disks.js';

type ChangeStep = Step<ChangeContext>;
type Body = Omit<ChangeStep, 'name'>;

/** The steps of a change, in order: those that `stepNames` names. */
export function changeSteps(plan: ChangePlan): readonly ChangeStep[] {
  const bodies = bodiesOf(plan);
  return stepNames(plan).map((name) => {
    const body = bodies.get(name);
    if (!body) throw new Error(`Step "${name}" of flow ${plan.flow} has nothing to do.`);
    return { name, ...body };
  });
}

function bodiesOf(plan: ChangePlan): ReadonlyMap<string, Body> {
  const { detach, attach } = outline(plan);
  return new Map<string, Body>([
    ['mark record', { run: mark, undo: unmark }],
    ['quiesce guest', { run: quiesce, undo: thaw }],
    ['save machine', { run: save, undo: start }],
    ['stop machine', { run: stop, undo: start }],
    ...plan.create.map((disk): [string, Body] => {
      const name = `create ${disk.disk.volumeName}`;
      return [
        name,
        {
          run: (context, options) => makeDisk(context, disk, name, options),
          undo: (context, options) => unmakeDisk(context, disk, options),
        },
      ];
    }),
    ...detach.map((disk): [string, Body] => [
      `detach ${labelOf(disk)}`,
      {
        run: (context, options) => detachDisk(context, disk, options),
        undo: (context, options) => attachDisk(context, disk, options),
      },
    ]),
    ['change machine', { run: reshape(plan.after.machine), undo: reshape(plan.before.machine) }],
    ...attach.map((disk): [string, Body] => [
      `attach ${labelOf(disk)}`,
      {
        run: (context, options) => attachDisk(context, disk, options),
        undo: (context, options) => detachDisk(context, disk, options),
      },
    ]),
    ['start machine', { run: start, undo: stopForUndo }],
    ['restore machine', { run: start }],
    ['thaw guest', { run: thaw }],
    ['send image', { run: sendImage }],
    ['commit record', { run: commit, undo: uncommit, commits: true }],
    ...(plan.grow ?? []).map((disk): [string, Body] => [
      `grow ${labelOf(disk)}`,
      { run: (context, options) => growDisk(context, disk, options) },
    ]),
    ...plan.remove.map((disk): [string, Body] => [
      `remove ${disk.volumeName}`,
      { run: ({ driver }, options) => removeVolume(driver, disk, options) },
    ]),
    ['finish record', { run: finish }],
  ]);
}

const stop = ({ driver, found, stopWithin }: ChangeContext, options: CallOptions): Promise<void> =>
  turnOff(driver, found.machine.id, stopWithin, options);

const start = ({ driver, found }: ChangeContext, options: CallOptions): Promise<void> =>
  turnOn(driver, found.machine, options);

// What the guest wrote since is taken back with its disks, so nobody needs to wait for it.
const stopForUndo = ({ driver, found }: ChangeContext, options: CallOptions): Promise<void> =>
  driver.power.kill(found.machine.id, options);

async function detachDisk(
  { driver, found, made }: ChangeContext,
  disk: DiskRecord,
  options: CallOptions,
): Promise<void> {
  const machine = await driver.machines.get(found.machine.id, options);
  const attached = diskWith(machine, volumeOf(made.get(disk.volumeName) ?? disk));
  if (attached) await driver.disks.detach(machine.id, attached.id, options);
}

async function attachDisk(
  { driver, found, made }: ChangeContext,
  disk: DiskRecord,
  options: CallOptions,
): Promise<void> {
  const volume = volumeOf(made.get(disk.volumeName) ?? disk);
  if (!volume) throw new Error(`Volume ${disk.volumeName} was not created yet.`);
  await driver.disks.attach(found.machine.id, specOf(disk, volume), options);
}

const reshape =
  (shape: MachineShape): Body['run'] =>
  async ({ driver, found }, options) =>
    void (await driver.machines.update(found.machine.id, fromShape(shape), options));

async function growDisk({ driver }: ChangeContext, disk: DiskRecord, options: CallOptions): Promise<void> {
  const volume = volumeOf(disk);
  if (volume) await driver.volumes.grow(volume, sizeOf(disk), options);
}
