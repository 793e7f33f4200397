import { DriverError, type Machine, type MigrationPlan, type VolumeId } from '@virt-drivers/core';
import { goOn } from '../guest/life.js';
import { forget } from './agenda.js';
import { copyOf } from './copy.js';
import { removeVolume } from './delete-volume.js';
import { findMachine, findVolume } from './find.js';
import { forgetTokensOf } from './fingerprint.js';
import { tell } from './journal.js';
import { readBlock, sweepLayers, writeBlock, writtenBlocks } from './layers.js';
import { moveTo } from './placement.js';
import type { Scene } from './scene.js';
import type { MachineEntry, ReservationState } from './state.js';
import { viewMachine } from './view.js';
import type { World } from './world.js';

/** The blocks of one volume, taken out of its world. */
type Blocks = readonly (readonly [number, Uint8Array])[];

/** A machine and the content that goes with it, between two scenes. */
interface Luggage {
  readonly machine: MachineEntry;
  readonly content: readonly { readonly to: VolumeId; readonly blocks: Blocks }[];
}

function pack(scene: Scene, machine: MachineEntry, { volumes }: ReservationState): Luggage {
  const content = Object.entries(volumes).flatMap(([disk, to]) => {
    const volume = machine.disks.find(({ id }) => id === disk)?.volume;
    if (!volume) return [];
    const { layer } = findVolume(scene, volume);
    return [
      { to, blocks: writtenBlocks(scene, layer).map((block) => [block, readBlock(scene, layer, block)] as const) },
    ];
  });
  return { machine: copyOf(machine), content };
}

function unpack(scene: Scene, { content }: Luggage): void {
  for (const { to, blocks } of content) {
    const { layer } = findVolume(scene, to);
    for (const [block, data] of blocks) writeBlock(scene, layer, block, data);
  }
}

/** The machine's devices as the plan wants them afterwards. */
function rewire(machine: MachineEntry, plan: MigrationPlan, { volumes, host }: ReservationState): void {
  machine.host = host;
  for (const disk of machine.disks) {
    const volume = volumes[disk.id];
    if (volume) disk.volume = volume;
  }
  for (const nic of machine.nics) nic.network = plan.nics?.find((one) => one.nic === nic.id)?.network ?? nic.network;
  delete machine.busy;
  delete machine.moving;
  delete machine.serial.holder;
}

function dropMovedVolumes(scene: Scene, disks: MachineEntry['disks'], { volumes }: ReservationState): void {
  for (const { id, volume } of disks) if (volume && volumes[id]) removeVolume(scene, findVolume(scene, volume));
  sweepLayers(scene);
}

const reservationOf = ({ state }: Scene, id: string): ReservationState => {
  const reservation = state.reservations[id];
  if (reservation) return reservation;
  throw new DriverError('MIGRATION.TICKET_INVALID', 'Ticket was used or discarded; prepare the migration again.');
};

/** From one host of a world to another. */
function moveWithin(scene: Scene, plan: MigrationPlan, id: string): Machine {
  const reservation = reservationOf(scene, id);
  const machine = findMachine(scene, plan.machine);
  const before = copyOf(machine.disks);
  unpack(scene, pack(scene, machine, reservation));
  rewire(machine, plan, reservation);
  dropMovedVolumes(scene, before, reservation);
  Reflect.deleteProperty(scene.state.reservations, id);
  moveTo(scene, machine, reservation.host);
  return viewMachine(scene, machine);
}

function arrive(scene: Scene, plan: MigrationPlan, id: string, luggage: Luggage): Machine {
  const reservation = reservationOf(scene, id);
  const machine = copyOf(luggage.machine);
  unpack(scene, luggage);
  rewire(machine, plan, reservation);
  scene.state.machines[machine.id] = machine;
  Reflect.deleteProperty(scene.state.reservations, id);
  goOn(scene, machine);
  tell(scene, { kind: 'machine-created', machine: machine.id });
  tell(scene, { kind: 'machine-state', machine: machine.id, state: machine.state, reason: 'migrated' });
  return viewMachine(scene, machine);
}

function leave(scene: Scene, plan: MigrationPlan, reservation: ReservationState): void {
  const { disks } = findMachine(scene, plan.machine);
  forget(scene, plan.machine);
  Reflect.deleteProperty(scene.state.machines, plan.machine);
  forgetTokensOf(scene, plan.machine);
  dropMovedVolumes(scene, disks, reservation);
  tell(scene, { kind: 'machine-deleted', machine: plan.machine });
}

/** Moves the machine for good: it is on exactly one side before and afterwards. */
export async function moveMachine(
  source: World,
  destination: World,
  plan: MigrationPlan,
  id: string,
): Promise<Machine> {
  if (source === destination) return source.change((scene) => moveWithin(scene, plan, id));
  const reservation = await destination.look((scene) => reservationOf(scene, id));
  const luggage = await source.look((scene) => pack(scene, findMachine(scene, plan.machine), reservation));
  const machine = await destination.change((scene) => arrive(scene, plan, id, luggage));
  await source.change((scene) => leave(scene, plan, reservation));
  return machine;
}

/** Takes back what was made for a machine that does not come. */
export function discard(scene: Scene, id: string): void {
  const reservation = scene.state.reservations[id];
  if (!reservation) return;
  Reflect.deleteProperty(scene.state.reservations, id);
  for (const volume of reservation.made)
    if (scene.state.volumes[volume.key]) removeVolume(scene, findVolume(scene, volume));
  sweepLayers(scene);
}
