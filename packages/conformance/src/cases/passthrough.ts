import { hostId, type HostDeviceId, type Passthrough } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectError } from '../expect-error.js';

function passthroughOf({ driver }: Bench): Passthrough {
  if (!driver.passthrough) throw new Error('The case uses passthrough but does not require it.');
  return driver.passthrough;
}

export const passthrough: readonly ConformanceCase[] = [
  {
    id: 'passthrough/list',
    title: 'Devices of a host have distinct ids and hexadecimal numbers; an unknown host is HOST.NOT_FOUND.',
    requires: ['passthrough'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = passthroughOf(bench);
      const devices = await facet.list(bench.host.id, bench.call).all();
      assert.equal(new Set(devices.map(({ id }) => id)).size, devices.length, 'two devices have the same id');
      for (const { vendorId = '0000', productId = '0000', host } of devices) {
        assert.match(`${vendorId}${productId}`, /^[0-9a-f]{8}$/);
        assert.equal(host, bench.host.id);
      }
      await expectError(facet.list(hostId('no-such-host-9f2c'), bench.call).all(), 'HOST.NOT_FOUND');
    },
  },
  {
    id: 'passthrough/unknown-device-is-refused',
    title: 'Attaching a device that is not there is refused, and detaching it succeeds.',
    requires: ['passthrough'],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      // Ids of devices come from the host; this one did not.
      const device = 'no-such-device-9f2c' as HostDeviceId;
      await expectError(
        passthroughOf(bench).attach(id, device, bench.call),
        'REQUEST.INVALID',
        'CAPABILITY.CONDITION_UNMET',
      );
      await passthroughOf(bench).detach(id, device, bench.call);
    },
  },
];
