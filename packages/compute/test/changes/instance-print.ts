import { createHash } from 'node:crypto';
import { poolId, type OpenDriver } from '@virt-drivers/core';
import type { Compute } from '../../src/index.js';

/** Everything of an instance that a change may touch, contents included: two are equal when nobody could tell them apart. */
export interface InstancePrint {
  readonly phase: string;
  readonly state: string;
  readonly rescued: boolean;
  readonly cpus: number;
  readonly memory: string;
  readonly disks: readonly string[];
  readonly kept: readonly string[];
  /** Volumes of the endpoint that are neither images nor the instance's. */
  readonly others: readonly string[];
}

/** Takes the print; the machine is off afterwards, for only then its disks can be read. */
export async function printOf(driver: OpenDriver, compute: Compute, instanceId: string): Promise<InstancePrint> {
  const { machine, record } = await compute.show(instanceId);
  await driver.power.kill(machine.id);
  const known = new Set<string>();
  const read = async (pool: string, key: string): Promise<string> => {
    const hash = createHash('sha256');
    const volume = await driver.volumes.get({ pool: poolId(pool), key });
    known.add(volume.name);
    for await (const piece of driver.volumes.export?.(volume.id) ?? []) hash.update(piece);
    return `${volume.name} ${volume.sizeBytes} ${hash.digest('hex').slice(0, 16)}`;
  };
  const disks: string[] = [];
  for (const { volume, serial, bus, readOnly, device } of machine.disks) {
    const entry = record.disks.find((disk) => disk.volume?.key === volume?.key);
    const content = volume ? await read(volume.pool, volume.key) : 'empty';
    disks.push([entry?.role, entry?.sizeBytes, serial, bus, readOnly, device, content].join(' '));
  }
  const kept: string[] = [];
  for (const { volume } of record.kept?.disks ?? []) kept.push(volume ? await read(volume.pool, volume.key) : 'none');
  return {
    phase: record.phase,
    state: machine.state,
    rescued: record.rescued ?? false,
    cpus: machine.cpu.count,
    memory: String(machine.memory.sizeBytes),
    disks,
    kept,
    others: (await volumeNames(driver)).filter((name) => !known.has(name)),
  };
}

/** Names of the volumes that are not kept images. */
export async function volumeNames(driver: OpenDriver): Promise<string[]> {
  const names: string[] = [];
  for await (const pool of driver.volumes.pools())
    names.push(...(await driver.volumes.list(pool.id).all()).map(({ name }) => name));
  return names.filter((name) => /^([0-9a-f-]{36}-|data)/.test(name)).sort();
}
