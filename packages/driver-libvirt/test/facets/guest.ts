import {
  isDriverError,
  mebibytes,
  poolId,
  type DriverError,
  type Machine,
  type MachineId,
  type OpenDriver,
} from '@virt-drivers/core';
import { deadlineIn, retryWhile } from '@virt-drivers/core/kit';
import { bootableGuest } from '../backends/boot.js';
import { copy, fill } from '../backends/content.js';

const pool = poolId('default');
let serial = 0;

/** A running guest on a root disk of its own, with its agent up. */
export async function runGuest(open: OpenDriver): Promise<Machine> {
  const { image, memoryMiB } = await bootableGuest();
  const base =
    (await open.volumes.find({ pool, name: 'guest' })) ?? (await fill(open, { pool, name: 'guest', content: image }));
  const root = await copy(open, { pool, name: `root-${(serial += 1)}`, source: base.id, mode: 'linked' });
  const machine = await open.machines.create({
    name: `guest-${serial}`,
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(memoryMiB) },
    boot: { firmware: 'bios' },
    disks: [{ volume: root.id }],
    nics: [],
  });
  await open.power.start(machine.id);
  await untilAgentAnswers(open, machine.id);
  return machine;
}

/** A guest that starts, or goes on from a saved memory, opens its agent's channel a while after it runs. */
export async function untilAgentAnswers(open: OpenDriver, id: MachineId): Promise<void> {
  const up = { within: { minutes: 4 }, when: (error: DriverError) => isDriverError(error, 'GUEST.UNAVAILABLE') };
  await retryWhile({}, async (call) => open.guest?.ping?.(id, call), up);
}

/** Runs a shell script in the guest and resolves with what it printed; rejects when it failed. */
export async function inGuest(open: OpenDriver, id: MachineId, script: string): Promise<string> {
  const answer = await open.guest?.exec?.(
    id,
    { path: '/bin/sh', args: ['-c', script] },
    { deadline: deadlineIn({ seconds: 180 }) },
  );
  if (!answer) throw new Error('This endpoint runs nothing in guests.');
  const [stdout, stderr] = [answer.stdout, answer.stderr].map((data) => Buffer.from(data).toString());
  if (answer.exitCode !== 0) throw new Error(`In the guest, ${script} ended with ${answer.exitCode}: ${stderr}`);
  return (stdout ?? '').trim();
}

/** The guest's name of the disk with this serial, waiting until the guest has it. */
export const guestDisk = (open: OpenDriver, id: MachineId, text: string): Promise<string> =>
  inGuest(
    open,
    id,
    `for n in 1 2 3 4 5 6 7 8 9 10; do for d in /sys/block/vd*; do [ "$(cat $d/serial)" = ${text} ] && basename $d && exit; done; sleep 1; done; exit 1`,
  );

/** A facet that the manifest claims wholly. */
export function claimed<Facet extends object>(facet: Facet | undefined): Required<Facet> {
  if (!facet) throw new Error('The endpoint lacks a facet that the manifest claims.');
  // `defineDriver` has held the driver to its manifest.
  return facet as Required<Facet>;
}
