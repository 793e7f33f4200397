import { hostId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { expectError } from '../expect-error.js';

export const maintenance: readonly ConformanceCase[] = [
  {
    id: 'maintenance/enter-and-leave',
    title: 'A host without running machines goes out of service and comes back; both may be repeated.',
    requires: ['maintenance'],
    deadlineSeconds: 60,
    async run(bench) {
      const {
        driver: { maintenance: facet, hosts },
        call,
        host,
      } = bench;
      assert.ok(facet);
      await bench.releaseSharedGuest();
      bench.ledger.action('maintenance', async () => (await facet.leave(host.id)).result());
      for (let i = 0; i < 2; i += 1) await (await facet.enter(host.id, {}, call)).result(call);
      assert.equal((await hosts.get(host.id, call)).state, 'maintenance');
      for (let i = 0; i < 2; i += 1) await (await facet.leave(host.id, call)).result(call);
      assert.equal((await hosts.get(host.id, call)).state, 'ready');
    },
  },
  {
    id: 'maintenance/running-machines-hinder',
    title: 'A host with a running machine is HOST.WRONG_STATE without `evacuate`, and stays in service.',
    requires: ['maintenance'],
    deadlineSeconds: 60,
    async run(bench) {
      const {
        driver: { maintenance: facet, hosts },
        call,
        host: { id: host },
      } = bench;
      assert.ok(facet);
      // A driver that places machines itself puts it on the only host, or somewhere else.
      const running = await bench.runningMachine(
        bench.driver.supports('hosts.placement') === undefined ? {} : { host },
      );
      assert.equal(running.host, host);
      const enter = async (): Promise<void> => (await facet.enter(host, {}, call)).result(call);
      await expectError(enter(), 'HOST.WRONG_STATE');
      assert.equal((await hosts.get(host, call)).state, 'ready');
    },
  },
  {
    id: 'maintenance/power-needs-maintenance',
    title: 'Rebooting or powering off a host in service is HOST.WRONG_STATE; an unknown host is HOST.NOT_FOUND.',
    requires: ['maintenance'],
    deadlineSeconds: 30,
    async run({ driver: { maintenance: facet }, call, host }) {
      assert.ok(facet);
      for (const member of [facet.rebootHost, facet.powerOffHost]) {
        if (member) await expectError((async () => (await member(host.id, call)).result(call))(), 'HOST.WRONG_STATE');
      }
      const nowhere = hostId('no-such-host-9f2c');
      await expectError((async () => (await facet.enter(nowhere, {}, call)).result(call))(), 'HOST.NOT_FOUND');
    },
  },
];
