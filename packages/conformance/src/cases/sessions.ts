import { API_VERSION, machineId, Secret } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';
import { countResources, grownResources } from '../leaks/process-resources.js';

const isDeeplyFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen));

export const sessions: readonly ConformanceCase[] = [
  {
    id: 'sessions/api-version-is-supported',
    title: 'The manifest names the package, its version, and a contract version of the same major as this suite.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver: { manifest } }) {
      assert.match(manifest.apiVersion, /^\d+\.\d+$/);
      assert.equal(manifest.apiVersion.split('.')[0], API_VERSION.split('.')[0]);
      assert.match(manifest.version, /^\d+\.\d+\.\d+/);
      assert.ok(manifest.name.length > 0 && manifest.title.length > 0);
    },
  },
  {
    id: 'sessions/capabilities-are-frozen',
    title: 'Manifest and capabilities cannot be changed, and are the same in every session.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver } = bench;
      assert.ok(isDeeplyFrozen(driver.manifest), 'the manifest can be changed');
      assert.ok(isDeeplyFrozen(driver.capabilities), 'the capabilities can be changed');
      const other = await bench.openAnother();
      expectEqual(other.manifest, driver.manifest);
      expectEqual(other.capabilities, driver.capabilities);
    },
  },
  {
    id: 'sessions/endpoint-id-is-stable',
    title: 'A second session of the same target has the same endpoint id.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const other = await bench.openAnother();
      assert.ok(bench.driver.endpointId.length > 0, 'the endpoint id is empty');
      assert.equal(other.endpointId, bench.driver.endpointId);
    },
  },
  {
    id: 'sessions/two-sessions-agree',
    title: 'A machine made in one session is there in another, under the same id.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const other = await bench.openAnother();
      const machine = await bench.machine();
      const seen = await other.machines.get(machine.id, bench.call);
      assert.equal(seen.name, machine.name);
    },
  },
  {
    id: 'sessions/close-twice-succeeds',
    title: 'Closing a session twice succeeds.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const other = await bench.openAnother();
      await other.close();
      await other.close();
    },
  },
  {
    id: 'sessions/closed-session-refuses-calls',
    title: 'After close every call gives DRIVER.CLOSED, listings and watches too.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const other = await bench.openAnother();
      await other.close();
      await expectError(other.machines.get(machineId('any')), 'DRIVER.CLOSED');
      await expectError(other.machines.create(bench.spec()), 'DRIVER.CLOSED');
      await expectError(other.hosts.list().all(), 'DRIVER.CLOSED');
      await expectError(other.events.watch(), 'DRIVER.CLOSED');
    },
  },
  {
    id: 'sessions/close-ends-watches',
    title: 'Closing a session ends a watch that waits in it; the iteration ends or says that the session is closed.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const other = await bench.openAnother();
      const events = await other.events.watch(undefined, { signal: bench.call.signal });
      const waiting = (async () => {
        for await (const event of events) void event;
      })();
      const outcome = Promise.race([
        waiting.then(
          () => undefined,
          (error: unknown) => error,
        ),
        new Promise((resolve) =>
          bench.call.signal.addEventListener('abort', () => resolve('still waiting'), { once: true }),
        ),
      ]);
      await other.close();
      const ended = await outcome;
      if (ended !== undefined) await expectError(Promise.reject(ended), 'DRIVER.CLOSED', 'HOST.CONNECTION_LOST');
    },
  },
  {
    id: 'sessions/close-releases-everything',
    title: 'A session that was used and closed leaves no socket, timer or process behind.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const before = countResources();
      const other = await bench.openAnother();
      await other.machines.list(undefined, bench.call).all();
      const events = await other.events.watch();
      await events.return?.();
      await other.close();
      expectEqual(await grownResources(before), []);
    },
  },
  {
    id: 'sessions/unknown-target-is-refused',
    title: 'A target in none of the shapes of the manifest is REQUEST.INVALID.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      await expectError(bench.openAnother({ target: 'no-such-scheme-9f2c://nowhere' }), 'REQUEST.INVALID');
    },
  },
  {
    id: 'sessions/unknown-option-is-refused',
    title:
      'An option that the driver does not know is REQUEST.INVALID, and the error names the option but not its value.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const options = { noSuchOption: 'value-9f2c' };
      const error = await expectError(bench.openAnother({ options }), 'REQUEST.INVALID');
      assert.match(error.message, /noSuchOption/);
      assert.doesNotMatch(error.message, /value-9f2c/);
    },
  },
  {
    id: 'sessions/aborted-open-is-refused',
    title: 'Opening with an aborted signal is CALL.CANCELLED.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      await expectError(bench.openAnother({}, { signal: AbortSignal.abort() }), 'CALL.CANCELLED');
    },
  },
  {
    id: 'sessions/option-secrets-stay-hidden',
    title: 'A secret among the options shows in no error.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const error = await expectError(
        bench.openAnother({ options: { noSuchOption: new Secret('hidden-9f2c') } }),
        'REQUEST.INVALID',
      );
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /hidden-9f2c/);
    },
  },
];
