import { hostId, type CapabilityName } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

const nowhere = hostId('no-such-host-9f2c');

function isClaimed(claims: object, capability: CapabilityName): boolean {
  const [facet = '', key] = capability.split('.');
  const keys: unknown = Reflect.get(claims, facet);
  return typeof keys === 'object' && keys !== null && (key === undefined || Object.hasOwn(keys, key));
}

export const hosts: readonly ConformanceCase[] = [
  {
    id: 'hosts/list-is-not-empty',
    title: 'There is at least one host, and every host has a name, a hypervisor and an architecture.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver, call }) {
      const all = await driver.hosts.list(call).all();
      assert.ok(all.length > 0, 'no host is listed');
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length, 'two hosts have the same id');
      for (const { name, hypervisor, architectures } of all) {
        assert.ok(name.length > 0 && hypervisor.product.length > 0 && hypervisor.version.length > 0);
        assert.ok(architectures.length > 0, `host ${name} has no architecture`);
      }
    },
  },
  {
    id: 'hosts/get-agrees-with-list',
    title: 'Reading a host by its id gives what the listing gave.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver, call }) {
      for await (const listed of driver.hosts.list(call)) {
        const { state, ...rest } = await driver.hosts.get(listed.id, call);
        const { state: stateBefore, ...listedRest } = listed;
        expectEqual(rest, listedRest);
        assert.equal(typeof state, typeof stateBefore);
      }
    },
  },
  {
    id: 'hosts/listing-can-be-left',
    title: 'A listing may be left after the first item and read again from the start.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver, call }) {
      let first: string | undefined;
      for await (const { id } of driver.hosts.list(call)) {
        first = id;
        break;
      }
      assert.equal((await driver.hosts.list(call).all())[0]?.id, first);
    },
  },
  {
    id: 'hosts/inventory-is-plausible',
    title: 'A host has processors, memory, and networks with distinct ids.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver, host, call }) {
      const { cpuCount, memoryBytes, networks } = await driver.hosts.inventory(host.id, call);
      assert.ok(Number.isInteger(cpuCount) && cpuCount > 0, `cpuCount is ${cpuCount}`);
      assert.equal(typeof memoryBytes, 'bigint');
      assert.ok(memoryBytes > 0n, 'no memory');
      assert.equal(new Set(networks.map(({ id }) => id)).size, networks.length, 'two networks have the same id');
    },
  },
  {
    id: 'hosts/usage-fits-the-inventory',
    title: 'What is in use lies within what is there, and running machines are counted.',
    requires: ['hosts.usage'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, host, call } = bench;
      const { memoryBytes } = await driver.hosts.inventory(host.id, call);
      await bench.runningMachine(driver.supports('hosts.placement') === undefined ? {} : { host: host.id });
      const usage = await driver.hosts.usage?.(host.id, call);
      assert.ok(usage && types.isDate(usage.at));
      assert.ok(
        usage.memoryUsedBytes > 0n && usage.memoryUsedBytes <= memoryBytes,
        `${usage.memoryUsedBytes} of ${memoryBytes} bytes used`,
      );
      assert.ok(usage.machinesRunning >= 1, 'a machine runs but none is counted');
      const { cpuFraction = 0 } = usage;
      assert.ok(cpuFraction >= 0 && cpuFraction <= 1, `cpuFraction is ${cpuFraction}`);
    },
  },
  {
    id: 'hosts/unknown-host-is-not-found',
    title: 'Reading a host that is not there is HOST.NOT_FOUND.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver, call }) {
      await expectError(driver.hosts.get(nowhere, call), 'HOST.NOT_FOUND');
      await expectError(driver.hosts.inventory(nowhere, call), 'HOST.NOT_FOUND');
    },
  },
  {
    id: 'hosts/placement-is-honoured',
    title: 'A machine is made on the host that was asked for, and an unknown host is HOST.NOT_FOUND.',
    requires: ['hosts.placement'],
    deadlineSeconds: 30,
    async run(bench) {
      for (const { id, state } of await bench.driver.hosts.list(bench.call).all()) {
        if (state === 'ready') assert.equal((await bench.machine({ host: id })).host, id);
      }
      await expectError(bench.machine({ host: nowhere }), 'HOST.NOT_FOUND');
    },
  },
  {
    id: 'hosts/narrowing-has-a-reason',
    title: 'What the endpoint lacks was claimed by the manifest, is gone from the capabilities, and has a reason.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver }) {
      for (const { capability, reason } of driver.narrowings) {
        assert.ok(reason.length >= 10, `${capability} is narrowed without a reason`);
        assert.ok(
          isClaimed(driver.manifest.capabilities, capability),
          `${capability} is narrowed but was never claimed`,
        );
        assert.equal(driver.supports(capability), undefined, `${capability} is narrowed but still there`);
      }
    },
  },
];
