import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mebibytes, poolId, type DiskFormat, type OpenDriver } from '@virt-drivers/core';
import { createCompute } from '../../src/index.js';
import { fullSpec, memoryEndpoint, type MemoryEndpoint } from '../memory-endpoint.js';
import { filling } from './change-cases.js';

const ends: MemoryEndpoint[] = [];
beforeAll(async () => {
  ends.push(await memoryEndpoint(), await memoryEndpoint());
});
afterAll(() => Promise.all(ends.map((end) => end.close())));

async function disksOf(driver: OpenDriver, instanceId: string) {
  const { record } = await createCompute(driver).show(instanceId);
  const found: { role: string; format: DiskFormat | undefined; sum: string }[] = [];
  for (const { role, format, volume } of record.disks) {
    if (!volume) throw new Error(`The ${role} disk has no volume.`);
    const id = { pool: poolId(volume.pool), key: volume.key };
    expect((await driver.volumes.get(id)).format).toBe(format);
    const hash = createHash('sha256');
    for await (const piece of driver.volumes.export?.(id, { format: 'raw' }) ?? []) hash.update(piece);
    found.push({ role, format, sum: hash.digest('hex') });
  }
  return found;
}

test.each<[string, readonly DiskFormat[], readonly DiskFormat[]]>([
  ['keeps blocks only', ['raw'], ['raw', 'raw', 'raw', 'raw']],
  ['keeps discs, and prefers qcow2', ['qcow2', 'iso'], ['qcow2', 'qcow2', 'qcow2', 'iso']],
])('a move by bytes to a pool that %s: all content, in formats that there are', async (_, formats, expected) => {
  const [first, second] = ends as [MemoryEndpoint, MemoryEndpoint];
  await second.world.change(({ state }) => {
    for (const [index, pool] of state.pools.entries()) state.pools[index] = { ...pool, formats };
  });
  const [source, destination] = [filling(await first.open()), await second.open()];
  const here = createCompute(source, { gate: first.gate });
  const ephemerals = [{ sizeBytes: mebibytes(8), format: 'raw' as const }];
  const { instanceId } = await here.spawn(fullSpec({ ephemerals, start: false }));
  const before = await disksOf(source, instanceId);
  expect(before.map(({ format }) => format)).toEqual(['qcow2', 'raw', 'qcow2', 'iso']);
  await here.coldMigrate(instanceId, destination, {}, { stopWithin: { milliseconds: 300 } });
  const after = await disksOf(destination, instanceId);
  expect(after.map(({ sum }) => sum)).toEqual(before.map(({ sum }) => sum));
  expect(after.map(({ format }) => format)).toEqual(expected);
  await createCompute(destination).destroy(instanceId);
});
