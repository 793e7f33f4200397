import { bytes, mebibytes, sameVolume, type Task, type Volume } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../../bench/bench.js';
import { brokenContent, contentOf, digestOf, pattern } from '../../bench/contents.js';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

const SIZE = Number(mebibytes(2));

/** Checks that a volume reads as these bytes, then zeros. */
async function expectContent({ driver, call }: Bench, { id, sizeBytes }: Volume, data: Uint8Array): Promise<void> {
  if (!driver.volumes.export) return;
  const read = await digestOf(driver.volumes.export(id, { format: 'raw' }, call), data.length);
  assert.equal(read.hex, contentOf(data).checksum.hex, 'the content is another');
  assert.equal(BigInt(read.length), sizeBytes, 'the exported length is not the size');
  assert.ok(read.zeroTail, 'after the content come bytes that are not zero');
}

async function fromVolume(
  bench: Bench,
  source: Volume,
  mode: 'full' | 'linked',
  sizeBytes = source.sizeBytes,
): Promise<Volume> {
  const { driver, call, pool } = bench;
  const start = driver.volumes.createFromVolume?.(
    { pool: pool.id, name: bench.name('copy'), source: source.id, mode, sizeBytes },
    call,
  );
  const task: Task<Volume> | undefined = await start;
  assert.ok(task, 'createFromVolume is not there');
  const volume = await task.result(call);
  bench.ledger.volume(volume.id);
  return volume;
}

export const contentOfVolumes: readonly ConformanceCase[] = [
  {
    id: 'volumes/create-from-content',
    title: 'A volume made from content reads as that content.',
    requires: ['volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const data = pattern(SIZE, 'create-from-content');
      const volume = await bench.volumeWith(data);
      assert.equal(volume.sizeBytes, bytes(SIZE));
      await expectContent(bench, volume, data);
    },
  },
  {
    id: 'volumes/content-is-grown',
    title: 'A volume larger than its content reads as the content, then zeros.',
    requires: ['volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const data = pattern(SIZE, 'grown');
      const volume = await bench.volumeWith(data, { sizeBytes: mebibytes(5) });
      assert.equal(volume.sizeBytes, mebibytes(5));
      await expectContent(bench, volume, data);
    },
  },
  {
    id: 'volumes/content-larger-than-volume-is-refused',
    title: 'A size below the content’s is REQUEST.INVALID or VOLUME.CANNOT_SHRINK, and no volume is made.',
    requires: ['volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const data = pattern(SIZE, 'too-large');
      await expectError(bench.volumeWith(data, { sizeBytes: mebibytes(1) }), 'REQUEST.INVALID', 'VOLUME.CANNOT_SHRINK');
    },
  },
  {
    id: 'volumes/content-error-leaves-nothing',
    title: 'When the content breaks off the task fails and no volume remains.',
    requires: ['volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call, pool } = bench;
      const name = bench.name('broken');
      const content = brokenContent(pattern(SIZE, 'broken'), new Error('the source broke off'));
      await assert.rejects(async () => {
        const task = await driver.volumes.createFromContent?.({ pool: pool.id, name, content }, call);
        await task?.result(call);
      });
      assert.equal(await driver.volumes.find({ pool: pool.id, name }, call), undefined);
    },
  },
  {
    id: 'volumes/blank-reads-as-zeros',
    title: 'A blank volume reads as zeros over its whole size.',
    requires: ['volumes.export'],
    deadlineSeconds: 30,
    async run(bench) {
      const volume = await bench.volume();
      await expectContent(bench, volume, new Uint8Array(0));
    },
  },
  {
    id: 'volumes/export-can-be-left',
    title: 'An export may be left after the first bytes, and the volume is free afterwards.',
    requires: ['volumes.export', 'volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.volumeWith(pattern(SIZE, 'left'));
      for await (const chunk of driver.volumes.export?.(id, undefined, call) ?? []) {
        assert.ok(chunk.length > 0);
        break;
      }
      await driver.volumes.delete(id, call);
    },
  },
  {
    id: 'volumes/export-of-unknown-is-not-found',
    title: 'Exporting a volume that is not there is VOLUME.NOT_FOUND, before the first byte.',
    requires: ['volumes.export'],
    deadlineSeconds: 10,
    async run(bench) {
      const missing = { pool: bench.pool.id, key: 'no-such-volume-9f2c' };
      const read = (async () => {
        for await (const chunk of bench.driver.volumes.export?.(missing, undefined, bench.call) ?? [])
          return chunk.length;
        return 0;
      })();
      await expectError(read, 'VOLUME.NOT_FOUND');
    },
  },
  {
    id: 'volumes/full-copy',
    title: 'A full copy reads as its source, may be larger, and stays when the source is deleted.',
    requires: ['volumes.fromVolume', 'volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const data = pattern(SIZE, 'full-copy');
      const source = await bench.volumeWith(data);
      const copy = await fromVolume(bench, source, 'full', mebibytes(3));
      expectEqual([copy.base, copy.sizeBytes], [undefined, mebibytes(3)]);
      await bench.driver.volumes.delete(source.id, bench.call);
      await expectContent(bench, copy, data);
    },
  },
  {
    id: 'volumes/linked-clone',
    title: 'A linked clone reads as its source and names it as its base; the base cannot be deleted meanwhile.',
    requires: ['volumes.linkedClone', 'volumes.fromVolume', 'volumes.fromContent'],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const data = pattern(SIZE, 'linked-clone');
      const source = await bench.volumeWith(data);
      const sameSize = bench.condition('volumes.linkedClone', 'volume-size') !== undefined;
      const clone = await fromVolume(bench, source, 'linked', sameSize ? source.sizeBytes : mebibytes(4));
      assert.ok(clone.base && sameVolume(clone.base, source.id), 'the clone names another base');
      await expectContent(bench, clone, data);
      await expectError(volumes.delete(source.id, call), 'VOLUME.IN_USE');
      await volumes.delete(clone.id, call);
      await volumes.delete(source.id, call);
    },
  },
];
