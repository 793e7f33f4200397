import { afterAll, expect, test } from '@jest/globals';
import { Secret } from '@virt-drivers/core';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { requirePeer, startVcsim } from '@virt-drivers/peers';
import { nfsExport, startVcsimProxy } from '@virt-drivers/vcsim-proxy';
import { readFileSync } from 'node:fs';
import { driver } from '../src/index.js';
import { targetOf } from './vcsim-target.js';
import { describeWith } from '@virt-drivers/peers/jest';

const knownGaps: unknown = JSON.parse(readFileSync(new URL('known-gaps.json', import.meta.url), 'utf8'));
/** The account of the guests that the proxy makes up. */
const INSIDE = { username: 'root', password: 'inside' };
const strict = await requirePeer(async () => {
  const peer = await startVcsim({ portgroups: 1, tls: false, poweredOn: false });
  const nfs = await nfsExport(['one', 'two']);
  // Small pages: every listing has several. Tasks that take a while have tests of their own.
  const settings = { pageSize: 7, guests: INSIDE, exports: [nfs] };
  return { peer, nfs, proxy: await startVcsimProxy({ upstream: peer.url, settings }) };
});

afterAll(async () => {
  await strict?.proxy.close();
  await strict?.peer.stop();
  await strict?.nfs.remove();
});

describeWith('conformance through the strict proxy', strict, (strict) => {
  const { peer, proxy } = strict;
  const { target, options } = targetOf({ ...peer, url: proxy.url });
  const guest = { username: INSIDE.username, password: new Secret(INSIDE.password) };
  describeConformance({
    driver,
    target,
    options: { ...options, guest },
    tier: 'peer',
    // What only a stand-in of the proxy answered is simulated.
    simulator: { name: `strict vcsim of ${peer.version}`, takeStandIns: () => proxy.takeShimmed() },
    knownGaps,
    report: 'temp/conformance-strict.json',
  });
  test('no request was one that a real server refuses, and no session is left', () => {
    expect(proxy.refused).toEqual([]);
    expect([...proxy.unchecked]).toEqual([]);
    expect(proxy.openSessions).toBeLessThanOrEqual(1);
  });
});
