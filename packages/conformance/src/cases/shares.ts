import { machineId, type Shares } from '@virt-drivers/core';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

function sharesOf({ driver }: Bench): Shares {
  if (!driver.shares) throw new Error('The case uses shares but does not require them.');
  return driver.shares;
}

export const shares: readonly ConformanceCase[] = [
  {
    id: 'shares/attach-list-detach',
    title:
      'A share is listed as it was attached, attaching it again succeeds, another path under its tag is REQUEST.CONFLICT.',
    requires: ['shares'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = sharesOf(bench);
      const { id } = await bench.machine();
      const share = {
        tag: 'data_1',
        hostPath: '/tmp',
        readOnly: bench.driver.supports('shares.readOnly') !== undefined,
      };
      await facet.attach(id, share, bench.call);
      await facet.attach(id, share, bench.call);
      await expectError(facet.attach(id, { ...share, hostPath: '/var/tmp' }, bench.call), 'REQUEST.CONFLICT');
      expectEqual(await facet.list(id, bench.call), [share]);
      await facet.detach(id, share.tag, bench.call);
      await facet.detach(id, share.tag, bench.call);
      expectEqual(await facet.list(id, bench.call), []);
    },
  },
  {
    id: 'shares/bad-requests-are-refused',
    title: 'A relative path or a hostile tag is REQUEST.INVALID; an unknown machine is MACHINE.NOT_FOUND.',
    requires: ['shares'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = sharesOf(bench);
      const { id } = await bench.machine();
      await expectError(
        facet.attach(id, { tag: 'a', hostPath: 'relative', readOnly: false }, bench.call),
        'REQUEST.INVALID',
      );
      await expectError(
        facet.attach(id, { tag: 'a/b', hostPath: '/tmp', readOnly: false }, bench.call),
        'REQUEST.INVALID',
      );
      await expectError(facet.list(machineId('no-such-machine-9f2c'), bench.call), 'MACHINE.NOT_FOUND');
    },
  },
];
