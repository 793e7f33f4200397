import type { CallOptions, MachineId, VolumeId } from '@virt-drivers/core';
import { isDriverError, mebibytes } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import { contentOf, pattern } from '../bench/contents.js';
import { stopAsked } from '../bench/stop-asked.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

interface Subjects {
  readonly machine: MachineId;
  readonly volume: VolumeId;
}

/** Calls that would change something, to be made with options that forbid it. */
function changes(
  { driver, spec, pool, name }: Bench,
  { machine, volume }: Subjects,
): readonly ((call: CallOptions) => Promise<unknown>)[] {
  return [
    (call) => driver.machines.create(spec(), call),
    (call) => driver.machines.update(machine, { description: 'changed' }, call),
    (call) => driver.machines.delete(machine, {}, call),
    (call) => driver.machines.writeRecord(machine, { owner: 'x', body: 1 }, { ifRevision: null }, call),
    (call) => driver.power.start(machine, call),
    (call) => driver.volumes.create({ pool: pool.id, name: name(), sizeBytes: mebibytes(1) }, call),
    (call) => driver.volumes.grow(volume, mebibytes(9), call),
    (call) => driver.volumes.delete(volume, call),
    (call) => driver.disks.attach(machine, { volume }, call),
  ];
}

/** Checks that each call is refused with the code and that the machine and the volume are as before. */
async function expectRefused(
  bench: Bench,
  call: CallOptions,
  code: 'CALL.CANCELLED' | 'CALL.DEADLINE_EXCEEDED',
): Promise<void> {
  const {
    driver: { machines, volumes },
  } = bench;
  const before = { machine: await bench.machine(), volume: await bench.volume() };
  const count = (await machines.list(undefined, bench.call).all()).length;
  for (const change of changes(bench, { machine: before.machine.id, volume: before.volume.id })) {
    const { stateAfter } = await expectError(change(call), code);
    assert.equal(stateAfter, 'unchanged');
  }
  expectEqual(await machines.get(before.machine.id, bench.call), before.machine);
  assert.equal(await machines.record(before.machine.id, bench.call), undefined);
  const { sizeBytes, attachedTo } = await volumes.get(before.volume.id, bench.call);
  expectEqual([sizeBytes, attachedTo], [before.volume.sizeBytes, []]);
  assert.equal((await machines.list(undefined, bench.call).all()).length, count);
}

export const cancellation: readonly ConformanceCase[] = [
  {
    id: 'cancellation/aborted-before-start-changes-nothing',
    title: 'A call with an aborted signal is CALL.CANCELLED, says that nothing was changed, and is right.',
    requires: [],
    deadlineSeconds: 30,
    run: (bench) => expectRefused(bench, { signal: AbortSignal.abort() }, 'CALL.CANCELLED'),
  },
  {
    id: 'cancellation/passed-deadline-changes-nothing',
    title:
      'A call with a deadline that has passed is CALL.DEADLINE_EXCEEDED, says that nothing was changed, and is right.',
    requires: [],
    deadlineSeconds: 30,
    run: (bench) => expectRefused(bench, { deadline: new Date(Date.now() - 1_000) }, 'CALL.DEADLINE_EXCEEDED'),
  },
  {
    id: 'cancellation/aborted-listings-and-watches',
    title: 'Listings and watches with an aborted signal give CALL.CANCELLED or end at once.',
    requires: [],
    deadlineSeconds: 20,
    async run({ driver }) {
      const call = { signal: AbortSignal.abort() };
      await expectError(driver.machines.list(undefined, call).all(), 'CALL.CANCELLED');
      await expectError(driver.hosts.list(call).all(), 'CALL.CANCELLED');
      const watch = driver.events.watch(undefined, call);
      const outcome = await watch.then(
        async (iterator) => (await iterator.next()).done,
        (error: unknown) => isDriverError(error, 'CALL.CANCELLED'),
      );
      assert.equal(outcome, true);
    },
  },
  {
    id: 'cancellation/aborted-call-settles',
    title:
      'A call that is aborted while it runs settles: done, or CALL.CANCELLED with the truth about what was changed.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      for (const turns of [0, 1, 3]) {
        const controller = new AbortController();
        const spec = bench.spec();
        const creating = machines.create(spec, { signal: controller.signal, deadline: call.deadline });
        const outcome = creating.then(
          ({ id }) => bench.ledger.machine(id),
          (error: unknown) => error,
        );
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        const error = await outcome;
        if (error === undefined) continue;
        const { stateAfter } = await expectError(Promise.reject(error), 'CALL.CANCELLED');
        const left = (await machines.list(undefined, call).all()).filter(({ name }) => name === spec.name);
        for (const { id } of left) bench.ledger.machine(id);
        if (stateAfter === 'unchanged') assert.equal(left.length, 0, 'it says unchanged, but the machine is there');
      }
    },
  },
  {
    id: 'cancellation/deadline-is-kept',
    title:
      'A call that has to wait for a guest gives up at its deadline, not much later, or at once when nobody can be asked.',
    requires: ['power.stopGuest'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const call = bench.within(1_500);
      const started = Date.now();
      const outcome = await stopAsked(bench.driver, id, call);
      const [given, took] = [call.deadline.getTime() - started, Date.now() - started];
      if (outcome === 'nobody') return assert.ok(took < given, `it took ${took} ms to say that nobody can be asked`);
      assert.equal(outcome, 'running');
      assert.ok(took < given + 3_000, `it took ${took} ms with ${given} ms until the deadline`);
      assert.ok(took > given / 2, `it took ${took} of ${given} ms: nobody was given time to react`);
    },
  },
  {
    id: 'cancellation/abort-ends-waiting',
    title:
      'Aborting a stop that waits for the guest ends the waiting, where anybody could be asked; the machine runs on.',
    requires: ['power.stopGuest'],
    deadlineSeconds: 40,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.runningMachine();
      const controller = new AbortController();
      // Long enough for the guest to be asked, which nothing announces.
      const timer = setTimeout(() => controller.abort(), 200);
      bench.ledger.action('timer', () => clearTimeout(timer));
      await expectError(
        Promise.resolve(driver.power.stop?.(id, { signal: controller.signal, deadline: call.deadline })),
        'CALL.CANCELLED',
        'GUEST.UNAVAILABLE',
      );
      assert.equal((await driver.machines.get(id, call)).state, 'running');
    },
  },
  {
    id: 'cancellation/cancelled-import-leaves-nothing',
    title: 'Cancelling a task that makes a volume from content ends it, and no volume remains unless it was too late.',
    requires: ['volumes.fromContent'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { volumes },
        call,
        pool,
      } = bench;
      const name = bench.name('cancelled');
      const data = pattern(4 * 1024 * 1024, 'cancelled');
      let opened = (): void => undefined;
      const reading = new Promise<void>((resolve) => (opened = resolve));
      const content = {
        ...contentOf(data),
        // Gives one part, and then waits for ever: only cancelling can end it.
        async *open(options?: CallOptions) {
          yield data.subarray(0, 65_536);
          opened();
          const { signal } = options ?? {};
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
          throw signal?.reason ?? new Error('The content was closed.');
        },
      };
      const task = await volumes.createFromContent?.({ pool: pool.id, name, content }, call);
      await reading;
      await task?.cancel(call);
      await expectError(Promise.resolve(task?.result(call)), 'CALL.CANCELLED');
      assert.equal(await volumes.find({ pool: pool.id, name }, call), undefined);
      await task?.cancel(call);
    },
  },
];
