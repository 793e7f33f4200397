import { isDriverError, isErrorCode, machineId, mebibytes, Secret, type DriverError } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

/** Several errors of different kinds, as the endpoint gives them. */
async function someErrors(bench: Bench): Promise<readonly DriverError[]> {
  const {
    driver: { machines, power, volumes, disks },
    call,
    pool,
  } = bench;
  const nobody = machineId('no-such-machine-9f2c');
  const volume = await bench.volume();
  const { id } = await bench.runningMachine({ disks: [{ volume: volume.id }] });
  return [
    await expectError(machines.get(nobody, call), 'MACHINE.NOT_FOUND'),
    await expectError(power.start(nobody, call), 'MACHINE.NOT_FOUND'),
    await expectError(machines.delete(id, {}, call), 'MACHINE.WRONG_STATE'),
    await expectError(volumes.delete(volume.id, call), 'VOLUME.IN_USE'),
    await expectError(volumes.get({ pool: pool.id, key: 'no-such-volume-9f2c' }, call), 'VOLUME.NOT_FOUND'),
    await expectError(
      disks.attach(id, { volume: { pool: pool.id, key: 'no-such-volume-9f2c' } }, call),
      'VOLUME.NOT_FOUND',
      'CAPABILITY.ABSENT',
    ),
  ];
}

export const errors: readonly ConformanceCase[] = [
  {
    id: 'errors/are-complete-sentences',
    title: 'Errors have a code of the closed set, a sentence that names the subject, and survive JSON.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      for (const error of await someErrors(bench)) {
        assert.ok(isErrorCode(error.code));
        assert.match(error.message, /[.!?)]$/, `"${error.message}" is no sentence`);
        const { code, message, retryable, stateAfter } = JSON.parse(JSON.stringify(error)) as DriverError;
        expectEqual(
          [code, message, retryable, stateAfter],
          [error.code, error.message, error.retryable, error.stateAfter],
        );
        assert.equal(error.stateAfter, 'unchanged', `${error.code} does not say that nothing was changed`);
      }
    },
  },
  {
    id: 'errors/not-found-names-what-is-missing',
    title: 'A not-found error has the id of what is missing in its message.',
    requires: [],
    deadlineSeconds: 20,
    async run({ driver, call }) {
      const { message } = await expectError(
        driver.machines.get(machineId('no-such-machine-9f2c'), call),
        'MACHINE.NOT_FOUND',
      );
      assert.match(message, /no-such-machine-9f2c/);
    },
  },
  {
    id: 'errors/native-detail-is-kept',
    title: 'Where the hypervisor said something itself, its code and text are there as detail, as text.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      for (const { native, code } of await someErrors(bench)) {
        if (native === undefined) continue;
        assert.ok(native.code.length > 0, `${code}: the native code is empty`);
        assert.equal(typeof native.message, 'string');
      }
      const machine = await bench.machine();
      if (machine.native)
        expectEqual([typeof machine.native.code, typeof machine.native.message], ['string', 'string']);
    },
  },
  {
    id: 'errors/busy-is-retryable',
    title:
      'Of conflicting calls at once each succeeds or fails with a typed error; MACHINE.BUSY is retryable and changed nothing.',
    requires: [],
    deadlineSeconds: 60,
    async run(bench) {
      const {
        driver: { machines, power, suspension },
        call,
      } = bench;
      const { id } = await bench.machine();
      await power.start(id, call);
      const outcomes = await Promise.allSettled([
        power.kill(id, call),
        power.start(id, call),
        machines.update(id, { description: 'at once' }, call),
        suspension?.pause?.(id, call),
        power.kill(id, call),
      ]);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        const error = await expectError(
          Promise.reject(outcome.reason),
          'MACHINE.BUSY',
          'MACHINE.WRONG_STATE',
          'CAPABILITY.CONDITION_UNMET',
        );
        if (error.code === 'MACHINE.BUSY') expectEqual([error.retryable, error.stateAfter], [true, 'unchanged']);
      }
      await power.kill(id, call);
      assert.equal((await machines.get(id, call)).state, 'stopped');
    },
  },
  {
    id: 'errors/invalid-requests-are-refused',
    title: 'Values of the wrong kind, unknown members and contradictions are REQUEST.INVALID and make nothing.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const spec = bench.spec();
      // The types forbid these; programs without types can send them all the same.
      const wrong: readonly unknown[] = [
        { ...spec, cpu: { count: 0 } },
        { ...spec, cpu: { count: 1.5 } },
        { ...spec, memory: { sizeBytes: 1024 } },
        { ...spec, boot: { firmware: 'bios', secureBoot: true } },
        { ...spec, noSuchMember: 1 },
        { ...spec, nics: [{ network: 'x', macAddress: '01:00:00:00:00:00' }] },
        { ...spec, clientToken: 'not a token!' },
        { ...spec, record: { owner: 'has space', body: {} } },
        null,
      ];
      for (const one of wrong) await expectError(driver.machines.create(one as typeof spec, call), 'REQUEST.INVALID');
      const names = (await driver.machines.list(undefined, call).all()).map(({ name }) => name);
      assert.ok(!names.includes(spec.name), 'a machine was made');
    },
  },
  {
    id: 'errors/partial-visibility-is-counted',
    title: 'A listing that has ended tells how many objects could not be read.',
    requires: [],
    deadlineSeconds: 20,
    async run({ driver, pool, call }) {
      for (const listing of [
        driver.hosts.list(call),
        driver.machines.list(undefined, call),
        driver.volumes.pools(call),
        driver.volumes.list(pool.id, call),
      ]) {
        await listing.all();
        assert.ok(
          Number.isInteger(listing.unreadable) && listing.unreadable >= 0,
          `unreadable is ${listing.unreadable}`,
        );
      }
    },
  },
  {
    id: 'errors/secrets-never-appear',
    title: 'No error of a call that got a secret shows it: not in message, stack, JSON or inspection.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call, pool } = bench;
      const secret = new Secret('hidden-9f2c');
      const nobody = machineId('no-such-machine-9f2c');
      const calls: readonly (Promise<unknown> | undefined)[] = [
        bench.openAnother({ options: { noSuchOption: secret } }),
        driver.guest?.setPassword?.(nobody, 'root', secret, call),
        driver.encryption?.createVolume?.({ pool: pool.id, name: '../bad', sizeBytes: mebibytes(1) }, secret, call),
        driver.encryption?.unlockVolume?.({ pool: pool.id, key: 'no-such-volume-9f2c' }, secret, call),
      ];
      for (const one of await Promise.allSettled(calls.map(async (call) => call))) {
        if (one.status !== 'rejected') continue;
        assert.ok(isDriverError(one.reason), 'it is no error of the contract');
        assert.doesNotMatch(
          `${one.reason.stack} ${JSON.stringify(one.reason)} ${inspect(one.reason, { depth: 9 })}`,
          /hidden-9f2c/,
        );
      }
    },
  },
];
