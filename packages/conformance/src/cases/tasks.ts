import { taskId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { contentOf, pattern } from '../bench/contents.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

export const tasks: readonly ConformanceCase[] = [
  {
    id: 'tasks/result-and-progress',
    title:
      'A task gives the same result to everybody, its progress never decreases, and cancelling it afterwards changes nothing.',
    requires: ['volumes.fromContent'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { volumes },
        call,
        pool,
      } = bench;
      const content = contentOf(pattern(3_000_000 - (3_000_000 % 512), 'task'));
      const task = await volumes.createFromContent?.({ pool: pool.id, name: bench.name('task'), content }, call);
      assert.ok(task);
      const fractions: number[] = [];
      const watching = (async () => {
        for await (const { fraction } of task.progress(call)) if (fraction !== undefined) fractions.push(fraction);
      })();
      const [first, second] = await Promise.all([task.result(call), task.result(call)]);
      bench.ledger.volume(first.id);
      await watching;
      expectEqual(second, first);
      expectEqual(
        fractions,
        [...fractions].sort((a, b) => a - b),
      );
      await task.cancel(call);
      assert.equal((await task.status(call)).state, 'succeeded');
      expectEqual(await task.result(call), first);
    },
  },
  {
    id: 'tasks/resume-by-id',
    title: 'A task is resumed by its id in another session and gives the same result.',
    requires: ['tasks', 'volumes.fromContent'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { volumes },
        call,
        pool,
      } = bench;
      const content = contentOf(pattern(1_048_576, 'resume'));
      const task = await volumes.createFromContent?.({ pool: pool.id, name: bench.name('resume'), content }, call);
      assert.ok(task);
      const other = await bench.openAnother();
      const again = await other.tasks?.get(task.id, call);
      const volume = await task.result(call);
      bench.ledger.volume(volume.id);
      expectEqual(await again?.result(call), volume);
    },
  },
  {
    id: 'tasks/unknown-task-is-not-found',
    title: 'A task that is not there is TASK.NOT_FOUND.',
    requires: ['tasks'],
    deadlineSeconds: 20,
    async run({ driver, call }) {
      await expectError(Promise.resolve(driver.tasks?.get(taskId('no-such-task-9f2c'), call)), 'TASK.NOT_FOUND');
    },
  },
  {
    id: 'tasks/list',
    title: 'A task that has just ended is listed, with its state.',
    requires: ['tasks.list', 'volumes.fromContent'],
    deadlineSeconds: 40,
    async run(bench) {
      const { driver, call, pool } = bench;
      const content = contentOf(pattern(1_048_576, 'list'));
      const task = await driver.volumes.createFromContent?.({ pool: pool.id, name: bench.name('list'), content }, call);
      assert.ok(task);
      bench.ledger.volume((await task.result(call)).id);
      const listed = await driver.tasks?.list?.(call).all();
      assert.equal(listed?.find(({ id }) => id === task.id)?.state, 'succeeded');
    },
  },
];
