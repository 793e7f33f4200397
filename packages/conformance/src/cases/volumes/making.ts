import { bytes, mebibytes, poolId, sameVolume } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { formatAmong } from '../../bench/formats.js';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

const HOSTILE_NAMES = [
  '',
  '.hidden',
  '-rf',
  '..',
  '../escape',
  'a/b',
  'a\\b',
  'a b',
  'a\nb',
  'a\u0000b',
  'ä',
  "a'b",
  'a<b',
  'x'.repeat(201),
];

export const makingVolumes: readonly ConformanceCase[] = [
  {
    id: 'volumes/pools-are-listed',
    title: 'Reading a pool by its id gives what the listing gave, and its hosts exist.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver, call }) {
      const pools = await driver.volumes.pools(call).all();
      assert.equal(new Set(pools.map(({ id }) => id)).size, pools.length, 'two pools have the same id');
      for (const { id, name, kind, formats, hosts, capacityBytes, freeBytes } of pools) {
        const again = await driver.volumes.pool(id, call);
        expectEqual([again.name, again.kind, again.formats], [name, kind, formats]);
        assert.ok(
          formats.length > 0 && freeBytes <= capacityBytes,
          `pool ${name}: ${freeBytes} of ${capacityBytes} bytes free`,
        );
        for (const host of hosts) await driver.hosts.get(host, call);
      }
    },
  },
  {
    id: 'volumes/unknown-pool-is-not-found',
    title: 'Every member that takes a pool says POOL.NOT_FOUND for one that is not there.',
    requires: [],
    deadlineSeconds: 10,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const pool = poolId('no-such-pool-9f2c');
      await expectError(volumes.pool(pool, call), 'POOL.NOT_FOUND');
      await expectError(volumes.list(pool, call).all(), 'POOL.NOT_FOUND');
      await expectError(volumes.find({ pool, name: 'any' }, call), 'POOL.NOT_FOUND');
      await expectError(bench.volume({ pool }), 'POOL.NOT_FOUND');
    },
  },
  {
    id: 'volumes/unknown-volume-is-not-found',
    title: 'Reading or growing a volume that is not there is VOLUME.NOT_FOUND.',
    requires: [],
    deadlineSeconds: 10,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const { id } = await bench.volume();
      await volumes.delete(id, call);
      for (const missing of [
        id,
        { pool: bench.pool.id, key: 'no-such-volume-9f2c' },
        { pool: bench.pool.id, key: '../../etc/passwd' },
      ]) {
        await expectError(volumes.get(missing, call), 'VOLUME.NOT_FOUND');
        await expectError(volumes.grow(missing, mebibytes(2), call), 'VOLUME.NOT_FOUND');
      }
    },
  },
  {
    id: 'volumes/create-is-visible',
    title: 'A new volume is what create returned for the next get, list and find.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { volumes },
        call,
        pool,
      } = bench;
      const name = bench.name('visible');
      const made = await bench.volume({ name });
      expectEqual([made.name, made.id.pool, made.attachedTo, made.base], [name, pool.id, [], undefined]);
      for (const seen of [
        await volumes.get(made.id, call),
        await volumes.find({ pool: pool.id, name }, call),
        (await volumes.list(pool.id, call).all()).find(({ id }) => sameVolume(id, made.id)),
      ]) {
        expectEqual(
          [seen?.id, seen?.name, seen?.format, seen?.sizeBytes],
          [made.id, name, made.format, made.sizeBytes],
        );
      }
    },
  },
  {
    id: 'volumes/find-of-unknown-name-is-undefined',
    title: 'Finding by a name that no volume has gives undefined, also when part of it matches.',
    requires: [],
    deadlineSeconds: 10,
    async run(bench) {
      const name = bench.name('long');
      await bench.volume({ name: `${name}er` });
      assert.equal(await bench.driver.volumes.find({ pool: bench.pool.id, name }, bench.call), undefined);
    },
  },
  {
    id: 'volumes/size-is-at-least-asked',
    title: 'A size that fits no block is rounded up, never down, and the result tells the size.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      for (const asked of [bytes(1), bytes(1_000_003), bytes(mebibytes(3) + 1n)]) {
        const { id, sizeBytes } = await bench.volume({ sizeBytes: asked });
        assert.ok(
          sizeBytes >= asked && sizeBytes <= asked + mebibytes(16),
          `asked for ${asked} bytes, got ${sizeBytes}`,
        );
        assert.equal((await bench.driver.volumes.get(id, bench.call)).sizeBytes, sizeBytes);
      }
    },
  },
  {
    id: 'volumes/formats-are-honoured',
    title: 'A blank volume has the format that was asked for, and by default the preferred one of the pool.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      assert.equal((await bench.volume()).format, bench.pool.formats[0]);
      for (const format of bench.pool.formats) {
        if (format === 'iso') continue;
        const { id } = await bench.volume({ format });
        assert.equal((await bench.driver.volumes.get(id, bench.call)).format, format);
      }
    },
  },
  {
    id: 'volumes/format-of-no-pool-is-refused',
    title:
      'A format that the pool does not have is REQUEST.INVALID or CAPABILITY.CONDITION_UNMET, and no volume is made.',
    requires: [],
    deadlineSeconds: 10,
    async run(bench) {
      const format = (['parallels', 'qed', 'vdi', 'vhdx', 'vmdk', 'qcow2'] as const).find(
        (one) => !bench.pool.formats.includes(one),
      );
      if (format === undefined) return;
      await expectError(bench.volume({ format }), 'REQUEST.INVALID', 'CAPABILITY.CONDITION_UNMET');
    },
  },
  {
    id: 'volumes/hostile-name-is-refused',
    title: 'A name that could be a path, an option or a query is REQUEST.INVALID.',
    requires: [],
    deadlineSeconds: 10,
    async run(bench) {
      for (const name of HOSTILE_NAMES) await expectError(bench.volume({ name }), 'REQUEST.INVALID');
    },
  },
  {
    id: 'volumes/name-is-unique',
    title: 'A second volume of the same name is VOLUME.EXISTS, and the first stays as it is.',
    requires: [],
    deadlineSeconds: 10,
    async run(bench) {
      const first = await bench.volume();
      await expectError(bench.volume({ name: first.name, sizeBytes: mebibytes(2) }), 'VOLUME.EXISTS');
      assert.equal((await bench.driver.volumes.get(first.id, bench.call)).sizeBytes, first.sizeBytes);
    },
  },
  {
    id: 'volumes/pool-full-is-typed',
    title: 'A thick volume larger than the free space is POOL.FULL, and nothing of it remains.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const { freeBytes } = await bench.driver.volumes.pool(bench.pool.id, bench.call);
      const format = formatAmong(bench.pool, 'raw');
      await expectError(
        bench.volume({
          sizeBytes: bytes(freeBytes * 2n + mebibytes(64)),
          provisioning: 'thick',
          ...(format && { format }),
        }),
        'POOL.FULL',
      );
    },
  },
];
