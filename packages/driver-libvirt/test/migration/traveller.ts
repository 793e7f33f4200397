import {
  mebibytes,
  poolId,
  type Machine,
  type MachineId,
  type MigrationPlan,
  type OpenDriver,
  type Task,
} from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { bootableGuest } from '../backends/boot.js';
import { contentOf, copy, digestOf, fill, noise, readVolume } from '../backends/content.js';

export const POOL = poolId('default');

const data = noise(4_194_304, 'travels along');

/** Digest of the data disk's content. */
export const dataDigest = digestOf(data);

const within = (seconds: number) => ({ deadline: deadlineIn({ seconds }) });

/** A running guest whose root disk continues an image, with a data disk of known content. */
export async function startTraveller(open: OpenDriver): Promise<Machine> {
  const { image, memoryMiB } = await bootableGuest();
  const base = await fill(open, { pool: POOL, name: 'base', content: image });
  const root = await copy(open, { pool: POOL, name: 'root', source: base.id, mode: 'linked' });
  const extra = await fill(open, { pool: POOL, name: 'data', content: contentOf(data), format: 'raw' });
  const machine = await open.machines.create({
    name: 'traveller',
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(memoryMiB) },
    boot: { firmware: 'bios' },
    disks: [{ volume: root.id }, { volume: extra.id, serial: 'data' }],
    nics: [],
    record: { owner: 'traveller', body: { travels: true } },
  });
  await open.power.start(machine.id, within(60));
  return open.machines.get(machine.id);
}

/** The next number that the guest counts, read from what its console prints from now on or has printed last. */
export async function nextTick(open: OpenDriver, id: MachineId, above = -1): Promise<number> {
  const log = open.consoles?.log;
  if (!log) throw new Error('The endpoint keeps no console log.');
  let text = '';
  for await (const chunk of log(id, { follow: true }, within(90))) {
    text += Buffer.from(chunk).toString('latin1');
    const ticks = [...text.matchAll(/tick (\d+) uptime/g)].map(([, number]) => Number(number));
    const tick = ticks.find((number) => number > above);
    if (tick !== undefined) return tick;
  }
  throw new Error(`The guest's console ended without a tick above ${above}: ${text.slice(-500)}`);
}

/** Everything that the guest has printed. */
export async function wholeLog(open: OpenDriver, id: MachineId): Promise<string> {
  let text = '';
  for await (const chunk of open.consoles?.log?.(id) ?? []) text += Buffer.from(chunk).toString('latin1');
  return text;
}

/** A plan that takes all disks along. */
export const planOf = ({ id, disks }: Machine, changes: Partial<MigrationPlan> = {}): MigrationPlan => ({
  machine: id,
  mode: 'live',
  disks: disks.map((disk) => ({ disk: disk.id, pool: POOL })),
  ...changes,
});

/** Prepares and starts; resolves when memory is on its way. */
export async function depart(from: OpenDriver, to: OpenDriver, plan: MigrationPlan) {
  const { migration: source } = from;
  const { migration: target } = to;
  if (!source || !target) throw new Error('One of the endpoints does not migrate.');
  const ticket = await target.prepare(plan, await source.describe(plan));
  const task: Task<Machine> = await source.start(plan, ticket);
  return { ticket, task };
}

/** Resolves when some of its disks or memory has been sent. */
export async function moving(from: OpenDriver, id: MachineId): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await from.migration?.statistics?.(id).catch(() => undefined);
    const {
      diskTotalBytes = 0n,
      diskRemainingBytes = 0n,
      memoryTotalBytes = 0n,
      memoryRemainingBytes = 0n,
    } = found ?? {};
    if (diskTotalBytes + memoryTotalBytes > diskRemainingBytes + memoryRemainingBytes) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The machine did not begin to move.');
}

/** Digest of the data disk where the machine is now; the machine is stopped for that. */
export async function digestOfData(open: OpenDriver, { id }: Machine): Promise<string> {
  await open.power.kill(id);
  const { disks } = await open.machines.get(id);
  const volume = disks.find(({ serial }) => serial === 'data')?.volume;
  return volume ? digestOf(await readVolume(open, volume)) : 'no volume';
}

/** Names of all volumes. */
export const volumeNames = async (open: OpenDriver): Promise<readonly string[]> =>
  (await open.volumes.list(POOL).all()).map(({ name }) => name).sort();
