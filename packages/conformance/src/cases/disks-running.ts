import { mebibytes, type Disk } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';
import { GUEST_SAYS } from '../guest/test-guest.js';

const LIMITED = ['disks.attachRunning', 'disks.detachRunning', 'disks.media', 'disks.multiAttach'] as const;
// Without a promise in the manifest this many must fit.
const AT_LEAST = 8;

/** The most disks that a machine can have on the default bus, as the manifest says it. */
function mostDisks({ driver }: Bench): number | undefined {
  const conditions = LIMITED.flatMap((capability) => {
    const support = driver.supports(capability);
    return support === undefined || support === true ? [] : support.conditions;
  });
  const limits = conditions.flatMap(({ limit, value = 'paravirtual' }) =>
    limit?.per === 'machine' || (limit?.per === 'bus' && value === 'paravirtual') ? [limit.max] : [],
  );
  return limits.length === 0 ? undefined : Math.min(...limits);
}

export const runningDisks: readonly ConformanceCase[] = [
  {
    id: 'disks/attach-running',
    title: 'A disk attached to a running machine is there at once, and still after the next start.',
    requires: ['disks.attachRunning'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { disks, machines, power },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const { id } = await bench.runningMachine();
      const disk = await disks.attach(id, { volume }, call);
      expectEqual((await machines.get(id, call)).disks, [disk]);
      await power.kill(id, call);
      expectEqual(
        (await machines.get(id, call)).disks.map((one) => one.volume),
        [volume],
      );
      await power.start(id, call);
      expectEqual(
        (await machines.get(id, call)).disks.map((one) => one.volume),
        [volume],
      );
    },
  },
  {
    id: 'disks/guest-sees-plugging',
    title: 'The guest sees a disk of the right size come, and go again; detach resolves when it let go.',
    requires: ['disks.attachRunning', 'disks.detachRunning'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        driver: { disks, machines, volumes },
        call,
      } = bench;
      const {
        machine: { id },
        says,
      } = await bench.sharedGuest();
      const { id: volume, sizeBytes } = await bench.volume({ sizeBytes: mebibytes(3) });
      const disk = await disks.attach(id, { volume }, call);
      const size = String(sizeBytes);
      await says?.next('the guest to see the disk', (line) => GUEST_SAYS.cameDisk.exec(line)?.[1] === size);
      await disks.detach(id, disk.id, call);
      assert.ok(
        (await machines.get(id, call)).disks.every((one: Disk) => one.id !== disk.id),
        'the disk is still attached',
      );
      await says?.next('the guest to miss the disk', (line) => GUEST_SAYS.goneDisk.test(line));
      expectEqual((await volumes.get(volume, call)).attachedTo, []);
    },
  },
  {
    id: 'disks/attach-running-is-refused-before-change',
    title:
      'Where disks cannot be attached to running machines, trying is refused with a capability error and changes nothing.',
    requires: [],
    lacks: ['disks.attachRunning'],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { disks, machines },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const { id } = await bench.runningMachine();
      await expectError(disks.attach(id, { volume }, call), 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      expectEqual((await machines.get(id, call)).disks, []);
    },
  },
  {
    id: 'disks/limit-is-refused-before-change',
    title:
      'All disks that the manifest promises fit; one more is DISK.LIMIT_REACHED or CAPABILITY.CONDITION_UNMET and changes nothing.',
    requires: [],
    deadlineSeconds: 120,
    async run(bench) {
      const {
        driver: { disks, machines },
        call,
      } = bench;
      const most = mostDisks(bench);
      const { id } = await bench.machine();
      for (let count = 0; count < (most ?? AT_LEAST); count += 1) {
        await disks.attach(id, { volume: (await bench.volume()).id }, call);
      }
      if (most === undefined) return;
      const { id: volume } = await bench.volume();
      await expectError(disks.attach(id, { volume }, call), 'DISK.LIMIT_REACHED', 'CAPABILITY.CONDITION_UNMET');
      assert.equal((await machines.get(id, call)).disks.length, most);
    },
  },
];
