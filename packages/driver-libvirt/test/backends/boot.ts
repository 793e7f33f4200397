import { guestImage } from '@virt-drivers/guest-image';
import { readFile } from 'node:fs/promises';
import { contentOf } from './content.js';
import { mebibytes, type ImageSource, type Machine, type OpenDriver, type VolumeId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';

/** A small image that boots. */
export interface BootableGuest {
  readonly image: ImageSource;
  readonly memoryMiB: number;
  /** How long it may take to come up; 90 s when left out. */
  readonly seconds?: number;
}

/** A machine that booted from the volume, told by its guest. */
export async function bootFrom(
  driver: OpenDriver,
  volume: VolumeId,
  { memoryMiB, seconds = 90 }: BootableGuest,
): Promise<Machine> {
  const machine = await driver.machines.create({
    name: 'booted',
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(memoryMiB) },
    boot: { firmware: 'bios' },
    disks: [{ volume }],
    nics: [],
  });
  await driver.power.start(machine.id);
  let said = '';
  const deadline = deadlineIn({ seconds });
  for await (const chunk of driver.consoles?.log?.(machine.id, { follow: true }, { deadline }) ?? []) {
    said += Buffer.from(chunk).toString('latin1');
    if (said.includes('GUEST: ready')) return machine;
  }
  throw new Error(`The guest did not come up; it said: ${said.slice(-500)}`);
}

/** The guest image in the format that a gate would hand on. */
export async function bootableGuest(): Promise<BootableGuest> {
  const data = await readFile((await guestImage()).qcow2);
  // Where a qcow2 header tells the size of the disk.
  return { image: contentOf(data, 'qcow2', data.readBigUInt64BE(24)), memoryMiB: 192 };
}
