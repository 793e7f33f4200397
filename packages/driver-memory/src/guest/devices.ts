import { volumeOf } from '../world/find.js';
import type { Scene } from '../world/scene.js';
import type { DiskState, MachineEntry } from '../world/state.js';
import { say } from './serial.js';

const PREFIXES: Readonly<Record<DiskState['bus'], string>> = {
  paravirtual: 'vd',
  scsi: 'sd',
  sata: 'sd',
  ide: 'sd',
  nvme: 'nvme',
};

function nameFor(machine: MachineEntry, id: string, prefix: string, number: (index: number) => string): string {
  const names = machine.guest?.names ?? {};
  const taken = new Set(Object.values(names));
  let index = 0;
  while (taken.has(prefix + number(index))) index += 1;
  return (names[id] ??= prefix + number(index));
}

const letter = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index);

/** The guest's name for a disk: `vda`, `sda`, `sr0` … */
export const nameOfDisk = (machine: MachineEntry, { id, bus, device }: DiskState): string =>
  device === 'media' ? nameFor(machine, id, 'sr', String) : nameFor(machine, id, PREFIXES[bus], letter);

/** Size of a disk as the guest sees it. */
export const sizeOfDisk = (scene: Scene, { volume, remote }: DiskState): bigint =>
  remote?.sizeBytes ?? (volume && volumeOf(scene, volume)?.sizeBytes) ?? 0n;

type DeviceLine = readonly [word: string, text: string];

/** One line for each thing that can be plugged or changed, by its first word: as our guest image prints them. */
export function devicesOf(scene: Scene, machine: MachineEntry): Record<string, string> {
  const disks = machine.disks.map(
    (disk): DeviceLine => [
      `disk:${nameOfDisk(machine, disk)}`,
      `bytes=${sizeOfDisk(scene, disk)} ro=${disk.readOnly ? 1 : 0} serial=${disk.serial ?? ''}`,
    ],
  );
  const nics = machine.nics.map(
    (nic): DeviceLine => [
      `nic:${nameFor(machine, nic.id, 'eth', String)}`,
      `mac=${nic.macAddress} carrier=${nic.linkUp ? 1 : 0}`,
    ],
  );
  return Object.fromEntries([
    ...disks,
    ...nics,
    ['cpus', `count=${machine.cpu.count}`],
    ['memory', `kib=${machine.memory.sizeBytes / 1_024n}`],
    ['system', `uuid=${machine.id} firmware=${machine.boot.firmware} serial=`],
  ]);
}

/** Lets a running guest notice what came, went or changed, and say so. */
export function notice(scene: Scene, machine: MachineEntry): void {
  const { guest } = machine;
  if (guest?.phase !== 'ready' || machine.state !== 'running') return;
  const seen = devicesOf(scene, machine);
  for (const [word, text] of Object.entries(seen)) {
    const before = guest.seen[word];
    if (before === undefined) say(machine, `came ${word} ${text}`);
    else if (before !== text) say(machine, `changed ${word} ${text}`);
  }
  for (const [word, text] of Object.entries(guest.seen))
    if (seen[word] === undefined) say(machine, `gone ${word} ${text}`);
  guest.seen = seen;
}
